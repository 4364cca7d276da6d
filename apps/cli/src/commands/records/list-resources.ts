import { namingDeleted } from '../../access/find-backup.js'
import { openPlugin } from '../../access/open-plugin.js'
import { resolveId } from '../../access/resolve-id.js'
import type { PlaceOptions } from '../../config/options.js'
import { readSettings } from '../../config/settings.js'
import type { Session } from '../../session.js'
import { table } from '../../terminal/layout.js'
import { count } from '../../terminal/units.js'

/** `s3db-backup ls <id>`: the resources of a backup. Needs no database. */
export async function listResources(
  { terminal, signal }: Session,
  given: string,
  options: PlaceOptions,
): Promise<void> {
  const plugin = openPlugin(await readSettings(options, terminal))
  const id = await resolveId(plugin, given)
  await namingDeleted(plugin, async () => {
    const backup = await plugin.open(id, { allowPlain: true, signal })
    const resources = backup.resources()
    if (terminal.json) terminal.document({ id, chain: backup.chain, resources })
    else if (terminal.quiet) for (const { name } of resources) terminal.print(name)
    else if (resources.length === 0) terminal.print(`Backup ${id} has no resources.`)
    else {
      const { colors, width } = terminal
      const rows = resources.map(({ name, records }) => [name, count(records)])
      const columns = [{ title: 'Resource' }, { title: 'Records', align: 'right' }] as const
      terminal.print(table(columns, rows, { width, head: colors.bold }))
    }
  })
}
