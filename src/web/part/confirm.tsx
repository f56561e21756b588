// Asks before something that cannot be undone.
import { Button, Modal } from '@mantine/core'
import type { ReactNode } from 'react'
import style from './confirm.module.css'
import { FaultNotice } from './notice.tsx'

export function Confirm({
  opened,
  close,
  title,
  action,
  pending,
  error,
  confirm,
  children,
}: {
  readonly opened: boolean
  readonly close: () => void
  readonly title: string
  readonly action: string
  readonly pending: boolean
  readonly error: unknown
  readonly confirm: () => void
  readonly children: ReactNode
}) {
  return (
    <Modal opened={opened} onClose={close} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
      <div className={style.body}>
        <p className="soft">{children}</p>
        {error ? <FaultNotice error={error} /> : null}
        <div className={style.end}>
          <Button variant="default" data-autofocus onClick={close}>
            Cancel
          </Button>
          <Button color="red" loading={pending} onClick={confirm}>
            {action}
          </Button>
        </div>
      </div>
    </Modal>
  )
}
