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

const extensions: Readonly<Record<Shell, string>> = { Bash: 'sh', Sh: 'sh', Pwsh: 'ps1', Python: 'py' }

/**
 * `folder` is private. The script has a file of its own, so that the lines of its messages are those of the author. `waits`: it
 * begins when a line comes on its standard input, and never when that ends first.
 */
export function shellStart(work: ScriptWork, script: string, folder: string, waits: boolean): ShellStart {
  const { shell } = work
  const [own, outer] = ['script', 'around'].map((name) => `${name}.${extensions[shell]}`) as [string, string]
  const path = join(folder, own)
  const { gate, around, options } = ways[shell]
  const text = (waits ? gate : '') + around(work, path, folder)
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

/** Byte for byte: what Python reads ahead would stay for the script. */
const pythonGate = `import os, sys
sluice_read = b''
while sluice_read != b'\\n':
    sluice_read = os.read(0, 1)
    if not sluice_read:
        sys.exit(1)
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
`

/** Its variables are those of the module, or what it put into its environment. */
function aroundPython({ outputs }: ScriptWork, path: string, folder: string): string {
  const wanted = outputs.map(({ variable }, index) => [variable, outputFile(folder, index)])
  return `import os, sys
os.dup2(1, 2)
def sluice_run(path, wanted):
    with open(path, encoding='utf-8') as file:
        code = compile(file.read(), path, 'exec')
    names = {'__name__': '__main__', '__file__': path}
    try:
        exec(code, names)
    finally:
        for name, to in wanted:
            value = names.get(name, os.environ.get(name))
            if value is not None:
                with open(to, 'w', encoding='utf-8', newline='') as out:
                    out.write(str(value))
sluice_run(${JSON.stringify(path)}, ${JSON.stringify(wanted)})
`
}

interface Way {
  /** What waits for the line. */
  readonly gate: string
  readonly around: (work: ScriptWork, path: string, folder: string) => string
  /** Before the name of the file. */
  readonly options: readonly string[]
}
const posix: Way = { gate: posixGate, around: aroundPosix, options: [] }
const ways: Readonly<Record<Shell, Way>> = {
  Bash: posix,
  Sh: posix,
  Pwsh: { gate: powershellGate, around: aroundPowershell, options: ['-NoProfile', '-NonInteractive', '-File'] },
  // Unbuffered, so that lines come when they are written.
  Python: { gate: pythonGate, around: aroundPython, options: ['-u'] },
}
