// Where short-lived files of a comparison lie: in memory where the machine has such a place, because nothing here is for keeps.
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'

export function shortLivedFolder(): string {
  return existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
}
