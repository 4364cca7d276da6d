import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'

/**
 * A box for content that may be wider than the page. It scrolls. While part of the content is out of sight, the box can
 * take the keyboard focus. A screen reader hears its label.
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
