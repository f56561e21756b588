// How each shell is started so that its variables can be read when the script has ended, however it ended.
import { join } from 'node:path'
import { type ScriptWork, type Shell, shellPrograms } from '#contract/delegate/program-work'

export interface ShellStart {
  readonly program: string
  readonly arguments: readonly string[]
  /** Files to write before the start: name within the folder and text. */
  readonly files: Readonly<Record<string, string>>
}

/** The file into which output number `index` is written; absent when the variable is not set. */
export const outputFile = (folder: string, index: number): string => join(folder, `output-${index}`)

const extensions: Readonly<Record<Shell, string>> = { Bash: 'sh', Sh: 'sh', Pwsh: 'ps1' }

/**
 * `folder` is private. The script has a file of its own, so that the lines of its messages are those of the author. `waits`: it
 * begins when a line comes on its standard input, and never when that ends first.
 */
export function shellStart(work: ScriptWork, script: string, folder: string, waits: boolean): ShellStart {
  const { shell } = work
  const [own, outer] = ['script', 'around'].map((name) => `${name}.${extensions[shell]}`) as [string, string]
  const path = join(folder, own)
  const [gate, around] = shell === 'Pwsh' ? [powershellGate, aroundPowershell] : [posixGate, aroundPosix]
  const text = (waits ? gate : '') + around(work, path, folder)
  const options = shell === 'Pwsh' ? ['-NoProfile', '-NonInteractive', '-File'] : []
  return {
    program: shellPrograms[shell],
    arguments: [...options, join(folder, outer)],
    files: { [own]: script, [outer]: text },
  }
}

const posixQuoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`

const posixGate = 'read -r sluice_go || exit 1\nunset sluice_go\nexec < /dev/null\n'
const powershellGate = 'if ($null -eq [Console]::In.ReadLine()) { exit 1 }\n'

/** Both channels become one, so that lines keep their order. A script that sets its own trap for EXIT is read after its last line. */
function aroundPosix({ outputs }: ScriptWork, path: string, folder: string): string {
  const writes = outputs.map(
    ({ variable }, index) =>
      `[ -z "\${${variable}+x}" ] || printf %s "\$${variable}" > ${posixQuoted(outputFile(folder, index))}`,
  )
  return `exec 2>&1
sluice_report() {
  sluice_status=$?
${writes.map((write) => `  ${write}\n`).join('')}  return $sluice_status
}
trap sluice_report EXIT
. ${posixQuoted(path)}
sluice_report
`
}

const powershellQuoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

function aroundPowershell({ outputs }: ScriptWork, path: string, folder: string): string {
  const writes = outputs.map(
    ({ variable }, index) =>
      `  if (Test-Path variable:${variable}) { [IO.File]::WriteAllText(${powershellQuoted(outputFile(folder, index))}, [string]$${variable}) }`,
  )
  return `try { . ${powershellQuoted(path)} } finally {
${writes.join('\n')}
}
exit $LASTEXITCODE
`
}
