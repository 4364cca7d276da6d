import { useContext } from 'preact/hooks'
import type { Retention } from '../../api/backups.js'
import type { Home, Series } from '../../api/home.js'
import type { Reach } from '../../api/reach.js'
import { useAnswer } from '../ask.js'
import { Around, BackupLink, Badge, Command, Text, Waiting, When, Wrong } from '../parts/basic.js'
import { Chart } from '../parts/chart.js'
import { Strip } from '../parts/strip.js'
import { Link } from '../place.js'
import { ago, bytes, commandLine, counted, number, visible } from '../words.js'

const answers = {
  yes: ['Yes, it can be restored', 'good'],
  partly: ['Yes, but see below', 'warn'],
  locked: ['Not from here: the key is missing', 'warn'],
  no: ['No', 'bad'],
  nothing: ['There are no backups yet', 'warn'],
} as const

/** Can I restore, from when, and has anybody tried? */
export function HomePage() {
  // Shows the last known state at once, then asks for the current one.
  const known = useAnswer<Home>('/api/home?known=1')
  const anew = useAnswer<Home>(known.data?.fresh === false ? '/api/home' : undefined)
  const data = anew.data ?? known.data
  const retention = useAnswer<Retention>(data?.fresh === true ? '/api/retention' : undefined)
  const reach = useAnswer<Reach>(data === undefined ? undefined : '/api/reach')
  const { about } = useContext(Around)
  if (data === undefined)
    return (
      <>
        <h1>Can I restore?</h1>
        <Waiting on={known.loading}>Reading the destination…</Waiting>
        <Wrong problem={known.problem} />
        {known.problem !== undefined && <Command line={commandLine(['doctor'], {}, about.placeOptions)} />}
      </>
    )
  return (
    <>
      <h1>Can I restore?</h1>
      <Wrong problem={anew.problem} />
      {anew.problem !== undefined && <Command line={commandLine(['doctor'], {}, about.placeOptions)} />}
      <Answer of={data} reach={reach.data} unread={anew.problem !== undefined} />
      {!data.fresh && (
        <p class="quiet" role="status">
          As of <When at={data.lookedAt} age />.{anew.problem === undefined && ' Checking again…'}
        </p>
      )}
      {data.concerns.length > 0 && (
        <section aria-labelledby="concerns">
          <h2 id="concerns">Needs attention</h2>
          <ul class="concerns">
            {data.concerns.slice(0, 8).map(({ level: how, text, backup }) => (
              <li key={text}>
                <Badge level={how}>{how === 'bad' ? 'wrong' : 'note'}</Badge>
                <span>
                  <Text of={text} /> {backup !== null && <BackupLink id={backup}>show</BackupLink>}
                </span>
              </li>
            ))}
            {data.concerns.length > 8 && (
              <li>
                <Link to="/backups">{counted(data.concerns.length - 8, 'more')} in the list of backups</Link>
              </li>
            )}
          </ul>
        </section>
      )}
      {data.running.length > 0 && (
        <p class="note" role="status">
          Running: {data.running.join(', ')}. <Link to="/activity">Show</Link>
        </p>
      )}
      {data.series.length > 0 && <h2>Series</h2>}
      {data.series.map((one) => (
        <SeriesOf key={one.key} of={one} retention={retention.data} />
      ))}
      <Wrong problem={retention.problem} />
      {data.answer === 'nothing' && (
        <p>
          Make the first one, then reload this page:
          <Command line={commandLine(['backup'], {}, about.placeOptions)} />
        </p>
      )}
    </>
  )
}

/** The answer, its date, and whether it was tested; then whether the schedule runs. */
function Answer({
  of,
  reach,
  unread,
}: {
  readonly of: Home
  readonly reach: Reach | undefined
  /** The destination could not be read again. */
  readonly unread: boolean
}) {
  const { now } = useContext(Around)
  const [word, level] = unread ? (['Unknown now', 'warn'] as const) : answers[of.answer]
  const newest = of.series.map((one) => one.newest).find((one) => one !== null)
  const oldest = of.series.flatMap((one) => (one.oldest === null ? [] : [one.oldest])).sort()[0]
  const late = of.series.filter(({ overdue }) => overdue).length
  const next = of.series.flatMap(({ dueNext }) => (dueNext === null ? [] : [dueNext])).sort()[0]
  const { lastDrill, lastGoodDrill } = of
  return (
    <section class="answer" aria-label="The answer">
      <div class={`first ${level}`}>
        <p class="value">{word}</p>
        <p class="quiet">
          {counted(of.backups, 'backup')}, {bytes(of.bytes)} in all
        </p>
      </div>
      <div>
        <p class="label">Newest restore point</p>
        <p class="value">{newest == null ? 'never' : ago(newest.at, now)}</p>
        <p class="quiet small">{newest == null ? 'no backup can be restored' : <When at={newest.at} />}</p>
        {newest != null && oldest !== undefined && oldest !== newest.at && (
          <p class="quiet small">
            back to <When at={oldest} />
          </p>
        )}
        <Versions reach={reach} />
      </div>
      <div>
        <p class="label">Last restore drill</p>
        <p class="value">
          {lastDrill === null ? (
            'Never'
          ) : lastDrill.ok ? (
            `Passed, ${ago(lastDrill.at, now)}`
          ) : (
            <span class="bad-text">Failed</span>
          )}
        </p>
        <p class="quiet small">
          {lastDrill === null ? (
            'there is no drill report'
          ) : (
            <>
              <Link to="/drill" query={{ key: lastDrill.key }}>
                drill
              </Link>{' '}
              of <When at={lastDrill.at} />
              {!lastDrill.ok && lastGoodDrill !== null && (
                <>
                  ; one passed <When at={lastGoodDrill.at} />
                </>
              )}
            </>
          )}
        </p>
      </div>
      <div>
        <p class="label">On schedule</p>
        <p class="value">
          {late > 0 ? (
            <span class="bad-text">{late} overdue</span>
          ) : of.series.some(({ schedule }) => schedule !== null) ? (
            'Yes'
          ) : (
            'No schedule'
          )}
        </p>
        <p class="quiet small">
          {next === undefined ? (
            'no further backup is scheduled'
          ) : (
            <>
              next <When at={next} />
            </>
          )}
        </p>
      </div>
    </section>
  )
}

/** How far back the versions of the database's own bucket reach, besides the backups. */
function Versions({ reach }: { readonly reach: Reach | undefined }) {
  if (reach === undefined || reach.versions === 'none') return null
  const { versions, since, days, late, why } = reach
  if (since !== null)
    return (
      <p class="quiet small" title={why === null ? undefined : visible(why)}>
        versions of the bucket: any moment since <When at={since} />
        {days !== null && `, kept ${counted(days, 'day')}`}
        {late && '; some records are older'}
      </p>
    )
  return (
    <p class="quiet small">
      {versions === 'off' || versions === 'suspended'
        ? `the bucket keeps no versions (${versions})`
        : 'versions of the bucket: unknown'}
      {why !== null && (
        <>
          : <Text of={why} />
        </>
      )}
    </p>
  )
}

function SeriesOf({ of, retention }: { readonly of: Series; readonly retention: Retention | undefined }) {
  const { now } = useContext(Around)
  return (
    <article class="series">
      <header>
        <h3>
          <Text of={of.name} />
        </h3>
        {of.newest === null ? (
          <Badge level="bad">cannot be restored</Badge>
        ) : of.overdue ? (
          <Badge level="bad">overdue</Badge>
        ) : of.schedule === null ? (
          <Badge level="plain">no schedule</Badge>
        ) : (
          <Badge level="good">on schedule</Badge>
        )}
        <Link to="/backups" query={{ series: of.key }}>
          {number(of.count)} in the list
        </Link>
      </header>
      <div class="facts-line">
        {of.newest !== null && (
          <span>
            Newest <BackupLink id={of.newest.id} /> · <b>{ago(of.newest.at, now)}</b>
          </span>
        )}
        {of.oldest !== null && (
          <span>
            <b>{counted(of.restorable, 'restore point')}</b> back to <When at={of.oldest} />
          </span>
        )}
        {of.schedule !== null && (
          <span>
            Schedule <Text of={of.schedule} />
            {of.dueNext !== null && (
              <>
                , next <When at={of.dueNext} />
              </>
            )}
          </span>
        )}
      </div>
      <Strip moments={of.moments} retention={retention} />
      {of.moments.length > 1 && (
        <div class="charts">
          <Chart title="Size at the destination" moments={of.moments} value="bytes" />
          <Chart title="How long it took" moments={of.moments} value="duration" />
        </div>
      )}
    </article>
  )
}
