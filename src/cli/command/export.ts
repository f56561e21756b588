// `sluice export`: writes what a manager holds into YAML files that `sluice apply` reads.
import type { Command } from 'commander'
import { writeDocuments } from '../configuration/file.ts'
import { readPresent } from '../configuration/present.ts'
import { addManagerClient, type ClientFlags, connectClient } from '../setup/client.ts'
import type { Terminal } from '../terminal.ts'

interface ExportFlags extends ClientFlags {
  readonly output: string
  readonly org?: string
  readonly project?: string
}

export function configure(command: Command, terminal: Terminal): void {
  addManagerClient(
    command
      .description('Write the entities of a manager into a new folder, one YAML file each; never a secret')
      .requiredOption('-o, --output <folder>', 'folder to write; must be new or empty')
      .option('--org <identifier>', 'only this organization')
      .option('--project <identifier>', 'only this project of it'),
  ).action((flags: ExportFlags) => exportAll(flags, terminal))
}

async function exportAll(flags: ExportFlags, terminal: Terminal): Promise<void> {
  const client = await connectClient(flags, terminal.environment)
  const documents = await readPresent(client, flags)
  const written = await writeDocuments(flags.output, documents)
  terminal.out(`${written.length} entities written to ${flags.output}.`)
}
