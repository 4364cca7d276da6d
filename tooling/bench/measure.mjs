/** The middle of the numbers. */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** How long the work takes, in ms. */
export async function timed(work) {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

/**
 * Measures two things in turn, first one, then the other, so many times, so that what else the machine does meets
 * both. Each is a function that resolves with a number. Gives the medians and the median of the ratios.
 */
export async function inTurn(times, ours, theirs) {
  const pairs = []
  for (let turn = 0; turn < times; turn++) {
    const against = await theirs(turn)
    pairs.push({ ours: await ours(turn), against })
  }
  return {
    ours: median(pairs.map((pair) => pair.ours)),
    theirs: median(pairs.map((pair) => pair.against)),
    ratio: median(pairs.map((pair) => pair.ours / pair.against)),
    times,
  }
}

/**
 * As `inTurn`, of work that gives its processor time as well. The note says what ours used against theirs: that hardly
 * depends on what else the machine does.
 */
export async function withProcessorTime(times, figure, ours, theirs) {
  const used = { ours: [], theirs: [] }
  const of = (whose, work) => async (turn) => {
    const measured = await work(turn)
    used[whose].push(measured.processor)
    return measured[figure]
  }
  const measured = await inTurn(times, of('ours', ours), of('theirs', theirs))
  const ratio = median(used.ours.map((time, turn) => time / used.theirs[turn]))
  return { ...measured, note: `processor time ${ratio.toFixed(2)} of theirs` }
}

/** How many per second, and how long this process used the processor for all of them, in ms. */
export async function rateAndProcessor(count, work) {
  const before = process.cpuUsage()
  const time = await timed(work)
  const { user, system } = process.cpuUsage(before)
  return { rate: (count / time) * 1000, processor: (user + system) / 1000 }
}

/** A row's work: what one figure is for many things against what it is for few. */
export const manyAgainstFew =
  (figureOf) =>
  ({ many, few, times }) =>
    inTurn(
      times,
      () => figureOf(many),
      () => figureOf(few),
    )
