// Draws docs/pictures/retention.svg from a plan of the built retention package: node tooling/pictures/retention.mjs
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parsePolicy, plan } from '../../packages/retention/dist/index.js'

export const retentionFile = join(import.meta.dirname, '../../docs/pictures/retention.svg')

const day = 24 * 60 * 60 * 1000
const last = Date.parse('2024-12-31T02:00:00Z')
const cell = { size: 20, gap: 3, left: 54, top: 66 }
const rules = [
  { name: 'day', says: 'daily: 7', colour: '#2f81f7' },
  { name: 'week', says: 'weekly: 4', colour: '#2da44e' },
  { name: 'month', says: 'monthly: 12', colour: '#bf8700' },
]

/** One backup a night for a year, and what the policy leaves of them: by date, the rules that keep it. */
export function yearOfBackups() {
  const backups = Array.from({ length: 366 }, (_, ago) => {
    const startedAt = new Date(last - ago * day).toISOString()
    return { id: startedAt.slice(0, 10), startedAt, parent: null, complete: true }
  })
  const policy = parsePolicy({ daily: 7, weekly: 4, monthly: 12, maxShareRemoved: false })
  const { keep } = plan(backups, policy, new Date(last))
  const reasons = new Map(keep.map(({ id, reasons }) => [id, reasons.join(', ')]))
  return backups.map(({ id }) => ({ date: id, reasons: reasons.get(id) })).reverse()
}

/** The year as a calendar, a row for each month; a day that stays has a stripe for each rule that keeps it. */
export function retentionPicture(days) {
  const step = cell.size + cell.gap
  const width = cell.left + 31 * step + 16
  const height = cell.top + 12 * step + 14
  const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
  const kept = days.filter(({ reasons }) => reasons !== undefined).length
  const legend = rules.map(({ says, colour }, index) => {
    const x = cell.left + index * 130
    return `<rect x="${x}" y="16" width="14" height="14" rx="3" fill="${colour}"/><text x="${x + 20}" y="28">${says}</text>`
  })
  const labels = months.map(
    (name, row) => `<text x="14" y="${cell.top + row * step + 15}" fill="#656d76">${name}</text>`,
  )
  const numbers = [1, 5, 10, 15, 20, 25, 31].map(
    (number) =>
      `<text x="${cell.left + (number - 1) * step + cell.size / 2}" y="${cell.top - 8}" text-anchor="middle" fill="#656d76">${number}</text>`,
  )
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="One backup a night for a year; ${kept} of ${days.length} are kept">`,
    `<rect width="${width}" height="${height}" rx="10" fill="#ffffff"/>`,
    `<g font-family="system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif" font-size="13" fill="#1f2328">`,
    ...legend,
    `<text x="${width - 16}" y="28" text-anchor="end" fill="#656d76">${kept} of ${days.length} kept</text>`,
    ...numbers,
    ...labels,
    ...days.map((each) => cellOf(each, step)),
    '</g>',
    '</svg>',
  ].join('\n')}\n`
}

function cellOf({ date, reasons }, step) {
  const [, month, number] = date.split('-').map(Number)
  const x = cell.left + (number - 1) * step
  const y = cell.top + (month - 1) * step
  const box = (from, height, fill) =>
    `<rect x="${x}" y="${y + from}" width="${cell.size}" height="${height}" rx="3" fill="${fill}"/>`
  if (reasons === undefined) return box(0, cell.size, '#eaeef2')
  const colours = rules
    .filter(({ name }) => reasons.includes(`newest of ${name} `))
    .map(({ colour }) => colour)
  const height = cell.size / Math.max(1, colours.length)
  const parts = colours.map((colour, index) => box(index * height, height, colour)).join('')
  return `<g><title>${date}: ${reasons}</title>${parts}</g>`
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(retentionFile, retentionPicture(yearOfBackups()))
