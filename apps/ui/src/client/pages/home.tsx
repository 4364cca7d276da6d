import { useContext } from 'preact/hooks'
import type { Retention } from '../../api/backups.js'
import type { Home, Series } from '../../api/home.js'
import { useAnswer } from '../ask.js'
import { Around, BackupLink, Badge, Command, Text, Waiting, When, Wrong } from '../parts/basic.js'
import { Chart } from '../parts/chart.js'
import { Strip } from '../parts/strip.js'
import { Link } from '../place.js'
import { ago, bytes, commandLine, counted, number } from '../words.js'

const answers = {
  yes: ['Yes, it can be restored', 'good'],
  partly: ['Yes, but look below', 'warn'],
  no: ['No', 'bad'],
  nothing: ['There are no backups yet', 'warn'],
} as const

/** Can I restore, from when, and has anybody tried? */
export function HomePage() {
  const { data, problem, loading } = useAnswer<Home>('/api/home')
  const retention = useAnswer<Retention>(data === undefined ? undefined : '/api/retention')
  const { about, now } = useContext(Around)
  if (data === undefined)
    return (
      <>
        <h1>Can I restore?</h1>
        <Waiting on={loading}>Looking at the destination…</Waiting>
        <Wrong problem={problem} />
        {problem !== undefined && <Command line={commandLine(['doctor'], {}, about.placeOptions)} />}
      </>
    )
  const [word, level] = answers[data.answer]
  const newest = data.series.map((one) => one.newest).find((one) => one !== null)
  const reach = data.series.flatMap(({ oldest }) => (oldest === null ? [] : [oldest])).sort()[0]
  const late = data.series.filter(({ overdue }) => overdue).length
  return (
    <>
      <h1>Can I restore?</h1>
      <section class="answer" aria-label="The answer">
        <div class={`first ${level}`}>
          <p class="value">{word}</p>
          <p class="quiet">
            {counted(data.backups, 'backup')}, {bytes(data.bytes)} in all
          </p>
        </div>
        <div>
          <p class="label">From when</p>
          <p class="value">{newest == null ? 'never' : ago(newest.at, now)}</p>
          <p class="quiet small">{newest == null ? 'no backup can be restored' : <When at={newest.at} />}</p>
        </div>
        <div>
          <p class="label">On schedule</p>
          <p class="value">
            {late > 0 ? (
              <span class="bad-text">{late} overdue</span>
            ) : data.series.some(({ schedule }) => schedule !== null) ? (
              'Yes'
            ) : (
              'No schedule'
            )}
          </p>
          <p class="quiet small">
            {reach === undefined ? (
              'nothing to go back to'
            ) : (
              <>
                back to <When at={reach} />
              </>
            )}
          </p>
        </div>
        <div>
          <p class="label">Has anybody tried?</p>
          <p class="value">
            {data.lastDrill === null ? (
              'Nobody yet'
            ) : data.lastDrill.ok ? (
              ago(data.lastDrill.at, now)
            ) : (
              <span class="bad-text">It failed</span>
            )}
          </p>
          <p class="quiet small">
            {data.lastDrill === null ? (
              'no drill has left a report'
            ) : (
              <>
                drill of <When at={data.lastDrill.at} />
              </>
            )}
          </p>
        </div>
      </section>
      {data.concerns.length > 0 && (
        <section aria-labelledby="concerns">
          <h2 id="concerns">To look at</h2>
          <ul class="concerns">
            {data.concerns.slice(0, 8).map(({ level: how, text, backup }) => (
              <li key={text}>
                <Badge level={how}>{how === 'bad' ? 'wrong' : 'note'}</Badge>
                <span>
                  <Text of={text} /> {backup !== null && <BackupLink id={backup}>look</BackupLink>}
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
          Under way: {data.running.join(', ')}. <Link to="/activity">Look</Link>
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
            <b>{counted(of.restorable, 'moment')}</b> back to <When at={of.oldest} />
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
