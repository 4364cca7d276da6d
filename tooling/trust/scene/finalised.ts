import type { Source } from '@s3db-backup/core'

/** A source that knows which of its reads were begun and neither came to an end nor were told to stop. */
export function finalisable(inner: Source): { readonly source: Source; open(): number } {
  const open = new Set<object>()
  const source: Source = {
    ...inner,
    read(resource, call) {
      const iterator = inner.read(resource, call)[Symbol.asyncIterator]()
      const over = <T>(result: T): T => {
        open.delete(iterator)
        return result
      }
      return {
        [Symbol.asyncIterator]: () => ({
          async next() {
            open.add(iterator)
            try {
              const step = await iterator.next()
              return step.done === true ? over(step) : step
            } catch (error) {
              throw over(error)
            }
          },
          async return(value?: unknown) {
            over(undefined)
            return (await iterator.return?.(value)) ?? { done: true, value: undefined }
          },
        }),
      }
    },
  }
  return { source, open: () => open.size }
}
