import { compareIds } from '../../format/compare-ids.js'
import type { Call } from '../../ports/driver.js'
import type { SecondLook } from '../../ports/source.js'
import { abortable } from '../../streams/abortable.js'
import { type Answer, askStorage } from './ask-storage.js'
import type { Deferred, DeferredMark } from './deferred.js'
import { sample } from './sample.js'

/** How many records are requested by key, of those that two listings omitted. */
const sampleSize = 1_000

/** So many that reappear show that no listing of this resource can be trusted. */
const mostReappearing = 1_000

/** Why a record that is missing is not taken for gone; nothing if it is gone. */
export type Verdict = (mark: DeferredMark) => string | undefined

export interface Decision {
  readonly verdict: Verdict
  readonly asked: number
  readonly requests: number
}

/**
 * Decides about more missing records than can be requested one by one: a second listing must omit them too, and the
 * storage must confirm the deletion of each in a random sample. `always` are requested in addition to the sample.
 */
export async function decideDeferred(
  look: SecondLook,
  resource: string,
  missing: Deferred,
  always: ReadonlySet<string>,
  call: Call,
): Promise<Decision> {
  const { shown, ascends, requests } = await listAgain(look, resource, missing, call)
  if (!ascends || shown.size > mostReappearing) {
    const why = ascends ? 'a second listing shows many records that the first omitted' : disorder
    return { verdict: ({ sure }) => (sure ? undefined : `it is not listed, but ${why}`), asked: 0, requests }
  }
  const chosen = sample<string>(sampleSize)
  const insisted: string[] = []
  for (const batch of missing.batches()) {
    for (const { id, sure } of batch) {
      if (sure || shown.has(id)) continue
      if (always.has(id)) insisted.push(id)
      else chosen.show(id)
    }
  }
  const ids = [...insisted, ...chosen.items()].sort(compareIds)
  const asked = await askStorage(look, resource, ids, call)
  const sampled = new Set(chosen.items())
  const contradiction = [...asked.answers].find(([id, { is }]) => is !== 'gone' && sampled.has(id))
  return {
    verdict: (mark) => judge(mark, shown, asked.answers, contradiction),
    asked: ids.length,
    requests: requests + asked.requests,
  }
}

const disorder = 'a second listing is unordered, so the two cannot be compared'

function judge(
  { id, sure }: DeferredMark,
  shown: ReadonlySet<string>,
  answers: ReadonlyMap<string, Answer>,
  contradiction: readonly [string, Answer] | undefined,
): string | undefined {
  if (sure) return undefined
  if (shown.has(id)) return 'one listing omits it, another one shows it'
  const answer = answers.get(id)
  if (answer?.is === 'gone') return undefined
  if (answer?.is === 'lost') return answer.reason
  if (answer?.is === 'there') return 'two listings omit it, but it exists'
  if (contradiction === undefined) return undefined
  return `it is not listed, but neither is ${JSON.stringify(contradiction[0])}, and the storage does not say that this one was deleted`
}

/** The missing records that a second listing shows, as far as it is worth knowing. */
async function listAgain(look: SecondLook, resource: string, missing: Deferred, call: Call) {
  const expected = flat(missing)
  const shown = new Set<string>()
  let step = expected.next()
  let last: string | undefined
  let ascends = true
  let requests = 0
  for await (const page of abortable(look.list(resource, call), call.signal)) {
    requests += page.requests
    for (const id of page.ids) {
      if (last !== undefined && compareIds(last, id) > 0) ascends = false
      last = id
      while (step.done !== true && compareIds(step.value.id, id) < 0) step = expected.next()
      if (step.done !== true && step.value.id === id && shown.size <= mostReappearing) shown.add(id)
    }
  }
  return { shown, ascends, requests }
}

function* flat(missing: Deferred): Generator<DeferredMark, undefined> {
  for (const batch of missing.batches()) yield* batch
  return undefined
}
