import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { type Query, withQuery } from './ask.js'

/** The place in the page. Names of backups and records are in the query, which no browser normalises. */
export interface Place {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
}

const changed = 's3db-backup:place'

function here(): Place {
  return { path: location.pathname, query: Object.fromEntries(new URLSearchParams(location.search)) }
}

export function usePlace(): Place {
  const [place, setPlace] = useState(here)
  useEffect(() => {
    const update = () => setPlace(here())
    addEventListener('popstate', update)
    addEventListener(changed, update)
    return () => {
      removeEventListener('popstate', update)
      removeEventListener(changed, update)
    }
  }, [])
  return place
}

/** Goes to another place of the page; with `replace`, without a step in the history. */
export function go(path: string, query?: Query, { replace = false } = {}): void {
  const to = withQuery(path, query)
  if (replace) history.replaceState(null, '', to)
  else history.pushState(null, '', to)
  dispatchEvent(new Event(changed))
  if (!replace) scrollTo(0, 0)
}

interface LinkProps {
  readonly to: string
  readonly query?: Query | undefined
  readonly children: ComponentChildren
  readonly class?: string | undefined
  readonly current?: boolean | undefined
  readonly title?: string | undefined
  readonly label?: string | undefined
}

export function Link({ to, query, children, class: name, current, title, label }: LinkProps) {
  return (
    <a
      href={withQuery(to, query)}
      class={name}
      title={title}
      aria-label={label}
      aria-current={current === true ? 'page' : undefined}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
        event.preventDefault()
        go(to, query)
      }}
    >
      {children}
    </a>
  )
}
