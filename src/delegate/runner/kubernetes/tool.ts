// Containers with images of others in the pod of a step: a tool beside the step that does what the step tells it by files, and a
// script that writes the changelog. Nothing of ours is in such an image, so all that it needs is a shell.
import { besideFiles, podPaths, sourceFiles } from '#contract/delegate/pod-folder'
import type { ScriptSource } from '#contract/delegate/step-spec'

/**
 * The first process of the tool's container; `"$@"` is how its image is started, unless the file of the run sets it. It runs what the
 * step asks for, one after the other, and stops it when asked. With process 1 everything in the container is meant: a tool whose shell dies goes on otherwise.
 */
export const besideScript = `cd ${podPaths.beside} || exit 1
pause() { sleep 0.1 2>/dev/null || sleep 1; }
n=1
mkfifo -m 600 output-1 || exit 1
: > ${besideFiles.ready}
while [ ! -e ${besideFiles.end} ]; do
  if [ ! -e run-$n ]; then pause; continue; fi
  (
    exec 3> begun-$n 3>&-
    cd ${podPaths.tool} || exit 1
    . ${podPaths.beside}/run-$n
    rm -f ${podPaths.beside}/run-$n
    exec "$@"
  ) > output-$n 2>&1 < /dev/null &
  child=$!
  (
    while [ ! -e stop-$n ]; do pause; done
    if [ $$ = 1 ]; then kill -TERM -1; else kill -TERM $child; fi
    sleep 10
    if [ $$ = 1 ]; then kill -KILL -1; else kill -KILL $child; fi
  ) > /dev/null 2>&1 &
  watcher=$!
  wait $child
  echo $? > code-$n
  kill $watcher 2> /dev/null
  mv code-$n exit-$n
  n=$((n + 1))
  mkfifo -m 600 output-$n || exit 1
done
`

const tree = `${podPaths.source}/${sourceFiles.fetched}/${sourceFiles.root}`
const log = `${podPaths.source}/${sourceFiles.log}`

/** Runs the script in the folder of the changelog; its last words go where the delegate reads them when it failed. */
const sourceScript = `mkdir -p ${tree} && cd ${tree} || exit 1
"$1" -c "$2" > ${log} 2>&1 < /dev/null
code=$?
[ $code = 0 ] || { echo "exit code $code"; tail -c 2000 ${log}; } > ${podPaths.result}
exit $code
`

const shells = { Sh: 'sh', Bash: 'bash' } as const

export const besideCommand = (entrypoint: readonly string[]): string[] => [
  '/bin/sh',
  '-c',
  besideScript,
  'sluice-tool',
  ...entrypoint,
]
export const sourceCommand = ({ shell, command }: ScriptSource): string[] => [
  '/bin/sh',
  '-c',
  sourceScript,
  'sluice-source',
  shells[shell],
  command,
]
