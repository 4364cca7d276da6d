import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'

/**
 * What may be wider than the page. It scrolls by itself, and by keyboard: where something is out of sight it takes the
 * focus, and says what it shows.
 */
export function Wide({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  const box = useRef<HTMLElement>(null)
  const [scrolls, setScrolls] = useState(false)
  useEffect(() => {
    const shown = box.current
    if (shown === null) return
    const measure = () => setScrolls(shown.scrollWidth > shown.clientWidth)
    const sizes = new ResizeObserver(measure)
    sizes.observe(shown)
    for (const child of shown.children) sizes.observe(child)
    return () => sizes.disconnect()
  }, [])
  return (
    <section ref={box} class="scroll" aria-label={label} {...(scrolls && { tabIndex: 0 })}>
      {children}
    </section>
  )
}
