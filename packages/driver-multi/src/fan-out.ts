/** One reader's view of a body that several read. */
export interface Branch extends AsyncIterable<Uint8Array> {
  /** The others no longer wait for this reader. */
  leave(): void
}

/** A body on its way to several readers. */
export interface FanOut {
  readonly branches: readonly Branch[]
  /** Set once the body itself has thrown. Every reader gets that same error. */
  readonly broken: { readonly error: unknown } | undefined
  /** Finishes the body if it was not read to its end. Does not wait for a body that is silent. */
  close(): Promise<void>
}

interface Asked {
  resolve(result: IteratorResult<Uint8Array>): void
  reject(error: unknown): void
}

interface Reader {
  asked: Asked | undefined
}

type Step = { readonly result: IteratorResult<Uint8Array> } | { readonly error: unknown }

/**
 * Feeds one body, read once, to several readers at the pace of the slowest. The next chunk is read once every
 * reader that has not left asks for it, so a single chunk is held, however many readers there are. A reader
 * that will not read must leave, or the others wait for it for ever.
 */
export function fanOut(body: AsyncIterable<Uint8Array>, count: number): FanOut {
  const source = body[Symbol.asyncIterator]()
  const staying = new Set<Reader>()
  let reading = false
  let closing = false
  let last: Step | undefined

  const hand = (reader: Reader, step: Step) => {
    const { asked } = reader
    reader.asked = undefined
    if ('error' in step) return asked?.reject(step.error)
    asked?.resolve(step.result)
  }

  const advance = () => {
    if (
      reading ||
      last !== undefined ||
      staying.size === 0 ||
      [...staying].some(({ asked }) => asked === undefined)
    )
      return
    void readNext()
  }

  const readNext = async () => {
    reading = true
    const step = await source.next().then(asResult, asError)
    reading = false
    if ('error' in step || step.result.done === true) last = step
    for (const reader of staying) hand(reader, step)
    if (closing) await finish().catch(alreadyFailed)
  }

  const finish = async () => {
    if (last !== undefined) return
    last = { result: { done: true, value: undefined } }
    await source.return?.()
  }

  const branch = (): Branch => {
    const reader: Reader = { asked: undefined }
    staying.add(reader)
    const leave = () => {
      staying.delete(reader)
      reader.asked?.resolve({ done: true, value: undefined })
      reader.asked = undefined
      advance()
    }
    const next = () => {
      if (!staying.has(reader)) return Promise.resolve({ done: true as const, value: undefined })
      return new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        reader.asked = { resolve, reject }
        if (last === undefined) advance()
        else hand(reader, last)
      })
    }
    const stop = async () => {
      leave()
      return { done: true as const, value: undefined }
    }
    return {
      leave,
      [Symbol.asyncIterator]: () => ({ next, return: stop }),
    }
  }

  return {
    branches: Array.from({ length: count }, branch),
    get broken() {
      return last !== undefined && 'error' in last ? { error: last.error } : undefined
    },
    async close() {
      closing = true
      if (!reading) await finish()
    },
  }
}

const asResult = (result: IteratorResult<Uint8Array>): Step => ({ result })
const asError = (error: unknown): Step => ({ error })

/** Nobody reads any more, and what made them leave is already on its way to the caller. */
const alreadyFailed = () => undefined
