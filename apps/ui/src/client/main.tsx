import '@picocss/pico/css/pico.classless.min.css'
import 'uplot/dist/uPlot.min.css'
import './page.css'
import { render } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { About } from '../api/about.js'
import { useAnswer } from './ask.js'
import { ActivityPage } from './pages/activity/activity-page.js'
import { JobPage } from './pages/activity/job-page.js'
import { BackupPage } from './pages/backup/backup-page.js'
import { BackupsPage } from './pages/backup-list/backups-page.js'
import { ComparePage } from './pages/compare.js'
import { DrillPage } from './pages/drill.js'
import { HomePage } from './pages/home.js'
import { RecordPage } from './pages/record.js'
import { RecordsPage } from './pages/records.js'
import { RestorePage } from './pages/restore/restore-page.js'
import { SchedulePage } from './pages/schedule.js'
import { Around, Text, Wrong } from './parts/basic.js'
import { Link, usePlace } from './place.js'

const places = [
  { path: '/', name: 'Home' },
  { path: '/backups', name: 'Backups' },
  { path: '/records', name: 'Records' },
  { path: '/restore', name: 'Restore' },
  { path: '/schedule', name: 'Schedule' },
  { path: '/activity', name: 'Activity' },
]

/** Which entry of the menu a place belongs to. */
const within: Readonly<Record<string, string>> = {
  '/backup': '/backups',
  '/compare': '/backups',
  '/record': '/records',
  '/job': '/activity',
  '/drill': '/schedule',
}

function Shell() {
  const { path, query } = usePlace()
  const about = useAnswer<About>('/api/about')
  const [zone, setZone] = useState<'local' | 'utc'>(remembered('zone') === 'utc' ? 'utc' : 'local')
  const [theme, setTheme] = useState(remembered('theme'))
  const now = useClock()
  const systemIsDark = useSystemDark()
  const section = within[path] ?? path
  const title = places.find((one) => one.path === section)?.name ?? 'Not found'
  // People who use a keyboard or a screen reader continue at the beginning of the new page.
  const first = useRef(true)
  useEffect(() => {
    if (!first.current) document.getElementById('content')?.focus({ preventScroll: true })
    first.current = false
  }, [path])
  useEffect(() => {
    document.title = `${title} · s3db-backup`
  }, [title])
  useEffect(() => {
    if (theme === 'dark' || theme === 'light') document.documentElement.setAttribute('data-theme', theme)
    else document.documentElement.removeAttribute('data-theme')
    localStorage.setItem('s3db-backup:theme', theme ?? '')
  }, [theme])
  useEffect(() => localStorage.setItem('s3db-backup:zone', zone), [zone])
  const { data } = about
  return (
    <>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <header class="bar">
        <div>
          <span class="brand">s3db-backup</span>
          <nav aria-label="Sections">
            {places.map((one) => (
              <Link key={one.path} to={one.path} current={one.path === section}>
                {one.name}
              </Link>
            ))}
          </nav>
          <div class="tools">
            <label>
              <span class="hidden">Times</span>
              <select
                value={zone}
                onChange={(event) => setZone(event.currentTarget.value === 'utc' ? 'utc' : 'local')}
              >
                <option value="local">Local time</option>
                <option value="utc">UTC</option>
              </select>
            </label>
            <label>
              <span class="hidden">Colours</span>
              <select value={theme ?? ''} onChange={(event) => setTheme(event.currentTarget.value)}>
                <option value="">System</option>
                <option value="light">Light</option>
                <option value="dark">Dark</option>
              </select>
            </label>
          </div>
        </div>
      </header>
      <main id="content" tabIndex={-1}>
        {about.problem === undefined ? null : <Wrong problem={about.problem} />}
        {data !== undefined && (
          <Around.Provider
            value={{ about: data, zone, now, dark: theme === 'dark' || (theme !== 'light' && systemIsDark) }}
          >
            <Current path={path} query={query} />
          </Around.Provider>
        )}
      </main>
      {data !== undefined && (
        <footer class="foot">
          <span>
            Backups at <Text of={data.place} mono />
          </span>
          {data.database !== null && (
            <span>
              Database <Text of={data.database} mono />
            </span>
          )}
          <span>{data.writes ? 'Changes are allowed' : 'Read-only: started without --allow-writes'}</span>
          <span>s3db-backup {data.version}</span>
        </footer>
      )}
    </>
  )
}

function Current({
  path,
  query,
}: {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
}) {
  const id = query.id ?? ''
  switch (path) {
    case '/':
      return <HomePage />
    case '/backups':
      return <BackupsPage query={query} />
    case '/backup':
      return <BackupPage key={id} id={id} />
    case '/compare':
      return <ComparePage from={query.from ?? ''} to={query.to ?? ''} />
    case '/records':
      return <RecordsPage query={query} />
    case '/record':
      return <RecordPage query={query} />
    case '/restore':
      return <RestorePage query={query} />
    case '/schedule':
      return <SchedulePage />
    case '/drill':
      return <DrillPage key={query.key ?? ''} report={query.key ?? ''} />
    case '/activity':
      return <ActivityPage />
    case '/job':
      return <JobPage key={id} id={id} />
    default:
      return (
        <>
          <h1>This page does not exist</h1>
          <p>
            <Link to="/">Back to the home page</Link>
          </p>
        </>
      )
  }
}

function remembered(name: string): string | undefined {
  return localStorage.getItem(`s3db-backup:${name}`) ?? undefined
}

const darkScheme = matchMedia('(prefers-color-scheme: dark)')

/** Whether the system uses a dark theme, including later changes. */
function useSystemDark(): boolean {
  const [dark, setDark] = useState(darkScheme.matches)
  useEffect(() => {
    const update = () => setDark(darkScheme.matches)
    darkScheme.addEventListener('change', update)
    return () => darkScheme.removeEventListener('change', update)
  }, [])
  return dark
}

/** The time, so that ages grow while the page is open. */
function useClock(): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000)
    return () => clearInterval(timer)
  }, [])
  return now
}

const root = document.getElementById('page')
if (root !== null) {
  root.replaceChildren()
  render(<Shell />, root)
}
