/** The one line at the bottom of a terminal that shows how far the work is. */
export interface LiveLine {
  /** Shows a text in place of the one before. It has to fit into `width()`. */
  show(text: string): void
  /** Takes the line away and leaves the cursor where it began. */
  clear(): void
  /** Characters that fit. */
  width(): number
}

const hideCursor = '\x1b[?25l'
const showCursor = '\x1b[?25h'
const eraseRest = '\x1b[K'

/** A live line on a stream; one that stays silent if nobody watches. */
export function liveLine(stream: NodeJS.WriteStream, watched: boolean): LiveLine {
  let shown: string | undefined
  return {
    show(text) {
      if (!watched || text === shown) return
      // Written over, not erased first: an erased line flickers.
      stream.write(`${shown === undefined ? hideCursor : ''}\r${text}${eraseRest}`)
      shown = text
    },
    clear() {
      if (shown === undefined) return
      stream.write(`\r${eraseRest}${showCursor}`)
      shown = undefined
    },
    // The last column stays free: a full line makes some terminals wrap.
    width: () => (stream.columns ?? 80) - 1,
  }
}
