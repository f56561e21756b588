// Secrets in the environment of the delegate: only variables with our prefix, so that nobody reads its other ones through a reference.
import { chooseFromText, notFound, type ManagerPorts, type SecretManager, splitPath } from './port.ts'

export const secretVariablePrefix = 'SLUICE_SECRET_'

export function createEnvironmentManager({ environment }: Pick<ManagerPorts, 'environment'>): SecretManager {
  const manager = {
    name: 'delegateEnvironment',
    kind: 'environment of the delegate',
    address: `${secretVariablePrefix}…`,
  }
  return {
    async read(whole) {
      const { path, field } = splitPath(whole)
      const variable = `${secretVariablePrefix}${path}`
      const value = /^\w{1,128}$/.test(path) ? environment[variable] : undefined
      if (value === undefined)
        throw notFound(
          manager,
          path,
          `the delegate has no variable ${variable.slice(0, 160)}`,
          'Set it where the delegate is started.',
        )
      return { text: chooseFromText(manager, path, value, field) }
    },
  }
}
