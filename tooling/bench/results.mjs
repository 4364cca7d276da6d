import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'

const rounded = (number) => (number >= 100 ? Math.round(number).toLocaleString('en') : number.toFixed(1))

/** How the line of a row begins; no other's begins so. */
export const beginningOf = ({ what, against }) => `| ${what} | ${against} |`

/** One row of the table. */
export function lineOf({ what, against, ours, ratio, unit, reach, times, note, theirs }) {
  const notes = note === undefined ? '' : `; ${note}`
  return `${beginningOf({ what, against })} ${rounded(ours)} ${unit} | ${rounded(theirs)} ${unit} | **${ratio.toFixed(2)}** (${times} times${notes}) | ${reach} |`
}

/** The whole file: what was measured now, and of the other rows what an earlier file has. */
export function results(rows, measured, earlier) {
  const linesBefore = earlier.split('\n')
  const lines = rows.flatMap(
    (row) => measured.get(row) ?? linesBefore.find((line) => line.startsWith(beginningOf(row))) ?? [],
  )
  const [{ model }] = cpus()
  return `# Measured

Made by \`pnpm bench\`. Each figure is the ratio of two things that were measured in turn in the same run; the table
shows medians. The times themselves say little about other machines, the ratios more.

Machine: ${model.trim()}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, load ${loadavg()[0].toFixed(1)} at the end.

| What | Against | Ours | Theirs | Ratio | To reach |
|---|---|---|---|---|---|
${lines.join('\n')}
`
}
