import type { Retention } from '../../api/backups.js'
import type { Moment } from '../../api/home.js'
import { Link } from '../place.js'
import { number } from '../words.js'

interface StripProps {
  readonly moments: readonly Moment[]
  readonly retention: Retention | undefined
}

/** The backups of a series in a row, the oldest first: full ones tall, and what retention will remove hollow. */
export function Strip({ moments, retention }: StripProps) {
  const goes = retention?.removed ?? {}
  const gone = moments.filter(({ id }) => Object.hasOwn(goes, id)).length
  const anyLost = moments.some(({ restorable }) => !restorable)
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must do so by keyboard. */}
      <section class="strip" aria-label="Backups of this series, the oldest first" tabIndex={0}>
        {moments.map((moment) => {
          const removed = Object.hasOwn(goes, moment.id)
          const fate = removed
            ? `retention will remove it: ${goes[moment.id]}`
            : retention?.policy === true
              ? `kept: ${retention.kept[moment.id] ?? ''}`
              : ''
          const told = `${moment.at.slice(0, 16).replace('T', ' ')} UTC, ${moment.type}${moment.restorable ? '' : ', cannot be restored'}${fate === '' ? '' : `; ${fate}`}`
          const kind = moment.parent === null ? 'full root' : ''
          return (
            <Link
              key={moment.id}
              to="/backup"
              query={{ id: moment.id }}
              class={`${kind} ${moment.restorable ? '' : 'lost'} ${removed ? 'goes' : ''}`}
              title={told}
              label={told}
            >
              {''}
            </Link>
          )
        })}
      </section>
      <div class="legend">
        <span>
          <i class="full" />
          full
        </span>
        <span>
          <i />
          incremental
        </span>
        {gone > 0 && (
          <span>
            <i class="goes" />
            retention will remove it
          </span>
        )}
        {anyLost && (
          <span>
            <i class="lost" />
            cannot be restored
          </span>
        )}
        {retention?.policy === true && retention.blocked === null && (
          <span>
            {gone === 0
              ? 'Retention keeps all of them.'
              : `Retention will remove ${number(gone)} and keeps ${number(moments.length - gone)}.`}
          </span>
        )}
        {retention?.policy === false && <span>No retention policy: everything is kept.</span>}
        {retention?.blocked != null && (
          <span class="bad-text">Retention is blocked: {retention.blocked}</span>
        )}
      </div>
    </>
  )
}
