import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'

const rounded = (number) =>
  Math.abs(number) >= 100 ? Math.round(number).toLocaleString('en') : number.toFixed(1)

/** How the line of a row begins; no other's begins so. */
export const beginningOf = ({ what, against }) => `| ${what} | ${against} |`

/** How it ends: with what is to be reached. */
const endOf = ({ reach }) => ` | ${reach} |`

/** One row of the table. */
export function lineOf({ what, against, ours, ratio, unit, reach, times, note, theirs }) {
  const notes = note === undefined ? '' : `; ${note}`
  const figures = `${rounded(ours)} ${unit} | ${rounded(theirs)} ${unit} | **${ratio.toFixed(2)}** (${times} times${notes})`
  return `${beginningOf({ what, against })} ${figures}${endOf({ reach })}`
}

/** A row that nobody has measured in full yet says so. */
const unmeasured = (row) => `${beginningOf(row)} - | - | not measured yet${endOf(row)}`

/** What an earlier file has of a row, with what is to be reached today. */
function earlierLine(row, lines) {
  const line = lines.find((one) => one.startsWith(beginningOf(row)))
  const cells = line?.split(' | ')
  return cells === undefined ? unmeasured(row) : `${cells.slice(0, -1).join(' | ')}${endOf(row)}`
}

/** The whole file: what was measured now, and of the other rows what an earlier file has. Where nothing was measured, on its machine. */
export function results(rows, measured, earlier) {
  const linesBefore = earlier.split('\n')
  const lines = rows.map((row) => measured.get(row) ?? earlierLine(row, linesBefore))
  const earlierMachine = linesBefore.find((line) => line.startsWith('Machine: '))
  return `# Measured

Made by \`pnpm bench\`. Each figure is the ratio of two things that were measured in turn in the same run; the table
shows medians. The times themselves say little about other machines, the ratios more.

${(measured.size === 0 ? earlierMachine : undefined) ?? machine()}

| What | Against | Ours | Theirs | Ratio | To reach |
|---|---|---|---|---|---|
${lines.join('\n')}
`
}

function machine() {
  const [{ model }] = cpus()
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`
  const load = `load ${loadavg()[0].toFixed(1)} at the end`
  return `Machine: ${model.trim()}, ${availableParallelism()} cores, ${memory}, Node ${process.version}, ${load}.`
}
