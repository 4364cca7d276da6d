import type { PluginDryRun } from '@s3db-backup/plugin-adapter'
import { costOf, dollars, type Prices, type RequestCounts } from '../../config/prices.js'
import { printDetails } from '../backups.js'
import { internalName } from '../internal-name.js'
import { table } from '../layout.js'
import type { Terminal } from '../terminal.js'
import { bytes, count, duration } from '../units.js'
import { printSentence } from '../wrapped.js'
import { noteNear } from './near.js'

/** The facts besides the dry run that its price depends on. */
export interface Pricing {
  readonly prices: Prices
  /** Whether files of the backup are paid for by request, too. */
  readonly paidDestination: boolean
}

/** Says what a backup would have come to. */
export function printDryRun(terminal: Terminal, dryRun: PluginDryRun, pricing: Pricing | undefined): void {
  const requests = requestsOf(dryRun, pricing?.paidDestination === true)
  const dollarsInAll = pricing === undefined ? undefined : costOf(requests, pricing.prices)
  if (terminal.json)
    terminal.document(dollarsInAll === undefined ? dryRun : { ...dryRun, dollars: dollarsInAll })
  else if (!terminal.quiet) {
    printEstimate(terminal, dryRun, { pricing, dollarsInAll })
    noteNear(terminal, dryRun.near)
  }
}

function printEstimate(
  terminal: Terminal,
  dryRun: PluginDryRun,
  price: {
    readonly pricing: Pricing | undefined
    readonly dollarsInAll: number | undefined
  },
): void {
  const { pricing, dollarsInAll } = price
  const { requests } = dryRun
  printSentence(terminal, `Dry run: nothing was written. The ${dryRun.type} backup would be:`)
  terminal.print()
  printResources(terminal, dryRun)
  printDetails(terminal, 'Estimate', [
    ...(dryRun.parent === null ? [] : [['Builds on', dryRun.parent] as const]),
    ['Records', count(dryRun.recordCount)],
    ['Size', `${bytes(dryRun.compressed)} (${bytes(dryRun.size)} before compression)`],
    [
      'Requests',
      `${count(requests.list)} LIST, ${count(requests.get)} GET to read, ${count(dryRun.files)} PUT to write`,
    ],
    ['Duration', `${duration(dryRun.estimatedDuration)}, plus the time to store it`],
    ...(pricing === undefined || dollarsInAll === undefined
      ? []
      : [['Price', priceText(dollarsInAll, pricing)] as const]),
  ])
}

function requestsOf({ requests, files }: PluginDryRun, paidDestination: boolean): RequestCounts {
  return { ...requests, put: paidDestination ? files : 0 }
}

function priceText(amount: number, { prices, paidDestination }: Pricing): string {
  const put = paidDestination ? `, PUT $${prices.put}` : ''
  return `${dollars(amount)} (per 1,000: LIST $${prices.list}, GET $${prices.get}${put})`
}

function printResources(terminal: Terminal, { resources, internal }: PluginDryRun): void {
  const objects = Object.entries(internal).map(([name, changes]) => [internalName(name), changes] as const)
  const rows = [...Object.entries(resources), ...objects].map(
    ([name, { added, changed, deleted, total }]) => [
      name,
      count(added),
      count(changed),
      count(deleted),
      count(total),
    ],
  )
  if (rows.length === 0) return
  const columns = [
    { title: 'Resource' },
    ...['Added', 'Changed', 'Deleted', 'Total'].map((title) => ({ title, align: 'right' as const })),
  ]
  terminal.print(table(columns, rows, { width: terminal.width, head: terminal.colors.bold }))
  terminal.print()
}
