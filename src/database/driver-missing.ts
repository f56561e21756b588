// What a person is told when the package of a driver cannot be loaded.
import { Fault } from '#contract/fault'

/**
 * `install`: what to give npm, when it is more than the name. A package that is not there is told apart from one that is there and
 * does not load, such as one with a part for another platform: installing what is installed would not help, its words do.
 */
export function driverMissing(error: unknown, name: string, install = name): Fault {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  const message = error instanceof Error ? error.message : String(error)
  const isAbsent = /^(?:ERR_)?MODULE_NOT_FOUND$/.test(code) && message.includes(`'${name}'`)
  if (isAbsent)
    return new Fault('database-driver-missing', `the driver package "${name}" is not installed`, {
      cause: error,
      hint: `Run npm install ${install}.`,
    })
  const reason = message.split('\n')[0]
  return new Fault('database-driver-missing', `the driver package "${name}" cannot be loaded: ${reason}`, {
    cause: error,
    hint: `Install it anew, on this platform and with this Node: npm install ${install}.`,
  })
}
