import { type ComponentChildren, createContext } from 'preact'
import { useContext, useState } from 'preact/hooks'
import type { About } from '../../api/about.js'
import type { State } from '../../api/backups.js'
import type { Problem } from '../../api/values.js'
import { Link } from '../place.js'
import { ago, visible } from '../words.js'

/** What every part of the page may look at. */
export interface Surroundings {
  readonly about: About
  readonly zone: 'local' | 'utc'
  readonly now: number
  readonly dark: boolean
}

export const Around = createContext<Surroundings>({
  about: { version: '', writes: false, place: '', placeOptions: '', database: null, operator: '' },
  zone: 'local',
  now: Date.now(),
  dark: false,
})

/** A text that others chose: isolated, and with nothing in it that cannot be seen. */
export function Text({ of, mono = false }: { readonly of: string; readonly mono?: boolean }) {
  return <bdi class={mono ? 'text mono' : 'text'}>{of === '' ? '(empty)' : visible(of)}</bdi>
}

/** A time, in the zone that was chosen; in the other one when it is pointed at. */
export function When({ at, age = false }: { readonly at: string | null; readonly age?: boolean }) {
  const { zone, now } = useContext(Around)
  if (at === null) return <span class="quiet">unknown</span>
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return <Text of={at} />
  const [utc, local] = [inUtc(date), inLocal(date)]
  return (
    <time dateTime={at} title={zone === 'utc' ? `${local} local` : utc}>
      <span>{zone === 'utc' ? utc : local}</span>
      {age && ' '}
      {age && <span class="quiet">· {ago(at, now)}</span>}
    </time>
  )
}

const two = (count: number) => String(count).padStart(2, '0')

function inUtc(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

function inLocal(date: Date): string {
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`
}

const stateWords: Readonly<Record<State, readonly [word: string, level: string]>> = {
  complete: ['complete', 'good'],
  incomplete: ['incomplete', 'warn'],
  broken: ['chain broken', 'bad'],
  damaged: ['damaged', 'bad'],
  failed: ['failed', 'bad'],
  abandoned: ['abandoned', 'warn'],
  running: ['running', 'plain'],
}

export function StateWord({ of }: { readonly of: State }) {
  const [word, level] = stateWords[of]
  return <span class={`state ${level}`}>{word}</span>
}

export function Badge({ level, children }: { readonly level: string; readonly children: ComponentChildren }) {
  return <span class={`state ${level}`}>{children}</span>
}

export function BackupLink({ id, children }: { readonly id: string; readonly children?: ComponentChildren }) {
  return (
    <Link to="/backup" query={{ id }} class="mono">
      {children ?? <Text of={id} />}
    </Link>
  )
}

/** Shown on every page that would look empty otherwise. */
export function Gone({ gone }: { readonly gone: string | null }) {
  if (gone === null) return null
  return (
    <div class="note bad" role="alert">
      <p>
        <b>{gone}</b>
      </p>
    </div>
  )
}

export function Wrong({ problem }: { readonly problem: Problem | undefined }) {
  if (problem === undefined) return null
  return (
    <div class="note bad" role="alert">
      <p>
        <b>
          <Text of={problem.message} />
        </b>
      </p>
      <p class="quiet">
        <Text of={problem.suggestion} />
      </p>
    </div>
  )
}

export function Waiting({ on, children }: { readonly on: boolean; readonly children?: ComponentChildren }) {
  return on ? (
    <p class="quiet" role="status">
      {children ?? 'Reading…'}
    </p>
  ) : null
}

/** The command that does the same. */
export function Command({
  line,
  children,
}: {
  readonly line: string
  readonly children?: ComponentChildren
}) {
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(line)
      setCopied(true)
      setTimeout(() => setCopied(false), 2000)
    } catch {
      // Not every browser lets a page of this kind write there. The command can be selected.
      setCopied(false)
    }
  }
  return (
    <div class="command">
      {children}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must do so by keyboard. */}
      <code tabIndex={0} title="The command that does the same">
        {line}
      </code>
      <button type="button" onClick={() => void copy()}>
        {copied ? 'Copied' : 'Copy'}
      </button>
    </div>
  )
}

export function Facts({
  of,
}: {
  readonly of: readonly (readonly [name: string, value: ComponentChildren] | undefined)[]
}) {
  return (
    <dl class="facts">
      {of.map((fact) =>
        fact === undefined ? null : (
          <>
            <dt>{fact[0]}</dt>
            <dd>{fact[1]}</dd>
          </>
        ),
      )}
    </dl>
  )
}

/** Fields that differ, before and after. */
export function Changes({
  of,
}: {
  readonly of: readonly { readonly field: string; readonly from: string | null; readonly to: string | null }[]
}) {
  if (of.length === 0) return <span class="quiet">no field differs</span>
  return (
    <div class="change">
      {of.map(({ field, from, to }) => (
        <div key={field}>
          {from !== null && (
            <del>
              {visible(field)}: {visible(from)}
            </del>
          )}
          {to !== null && (
            <ins>
              {visible(field)}: {visible(to)}
            </ins>
          )}
        </div>
      ))}
    </div>
  )
}
