// Who is signed in; colour scheme and sign-out.
import { Menu, type MantineColorScheme, useMantineColorScheme } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useApi } from '../api.ts'
import { Icon, type IconName } from '../part/icon.tsx'
import { sessionQuery } from '../query.ts'
import { useSession } from '../session.ts'
import style from './shell.module.css'

const schemes: readonly (readonly [MantineColorScheme, string, IconName])[] = [
  ['light', 'Light', 'sun'],
  ['dark', 'Dark', 'moon'],
  ['auto', 'As the system', 'turn'],
]

function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter((word) => word !== '')
  return `${words[0]?.[0] ?? '?'}${words.length > 1 ? (words.at(-1)?.[0] ?? '') : ''}`.toUpperCase()
}

export function PersonMenu() {
  const api = useApi()
  const { user } = useSession()
  const queries = useQueryClient()
  const navigate = useNavigate()
  // Without keepTransitions a <style> element is written, which the content security policy forbids.
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true })

  async function signOut(): Promise<void> {
    await api.signOut().catch(() => undefined)
    // First the session, else the sign-in page takes the person for signed in and leads back; then what they have read.
    queries.setQueryData(sessionQuery(api).queryKey, null)
    await navigate({ to: '/sign-in', search: {} })
    queries.removeQueries({ predicate: (query) => query.queryKey[0] !== 'session' })
  }

  return (
    <Menu position="top-start" width={220}>
      <Menu.Target>
        <button type="button" className={style.person}>
          <span className="unseen">Signed in as</span>
          <span className={style.initials} aria-hidden="true">
            {initialsOf(user.name)}
          </span>
          <span className={style.personText}>
            <span className="cut">{user.name}</span>
            <span className="cut">{user.role}</span>
          </span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{user.email}</Menu.Label>
        <Menu.Divider />
        <Menu.Item leftSection={<Icon name="tag" size={14} />} onClick={() => void navigate({ to: '/api-keys' })}>
          API keys
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>Colour scheme</Menu.Label>
        {schemes.map(([scheme, label, icon]) => (
          <Menu.Item
            key={scheme}
            leftSection={<Icon name={icon} size={14} />}
            rightSection={scheme === colorScheme ? <Icon name="check" size={14} /> : null}
            aria-current={scheme === colorScheme}
            onClick={() => setColorScheme(scheme)}
          >
            {label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={() => void signOut()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
