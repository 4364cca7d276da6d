import { useContext, useState } from 'preact/hooks'
import type { BackupDetails } from '../../api/backups.js'
import type { Problem } from '../../api/values.js'
import type { Job } from '../../api/work.js'
import { problemOf, send, useAnswer } from '../ask.js'
import {
  Around,
  BackupLink,
  Badge,
  Command,
  Facts,
  StateWord,
  Text,
  Waiting,
  When,
  Wrong,
} from '../parts/basic.js'
import { Wide } from '../parts/wide.js'
import { go, Link } from '../place.js'
import { bytes, commandLine, counted, length, note, number, visible } from '../words.js'

export function BackupPage({ id }: { readonly id: string }) {
  const { data, problem, loading } = useAnswer<BackupDetails>(`/api/backup?${new URLSearchParams({ id })}`)
  if (data === undefined)
    return (
      <>
        <h1 class="mono">
          <Text of={id} mono />
        </h1>
        <Waiting on={loading} />
        <Wrong problem={problem} />
      </>
    )
  const { backup } = data
  const restorable = backup.state === 'complete' || backup.state === 'incomplete'
  const records = data.resources.filter((one) => !one.internal)
  const internal = data.resources.filter((one) => one.internal)
  return (
    <>
      <h1>
        <Text of={id} />
      </h1>
      <div class="row">
        <StateWord of={backup.state} />
        {backup.encrypted && <Badge level="plain">encrypted</Badge>}
        {backup.locked && <Badge level="warn">no key here opens it</Badge>}
        <span class="quiet">{sentence(data)}</span>
      </div>
      {backup.why !== null && data.error === null && (
        <div class="note warn">
          <Text of={backup.why} />
        </div>
      )}
      {data.error !== null && <Wrong problem={data.error} />}
      {data.error === null && (
        <div class="row">
          {restorable && !backup.locked && (
            <>
              <Link class="button main" to="/restore" query={{ backup: id }}>
                Restore…
              </Link>
              <Link class="button" to="/records" query={{ backup: id }}>
                Look into the records
              </Link>
            </>
          )}
        </div>
      )}
      {backup.series !== null && <Checks id={id} />}
      {data.error === null && (
        <>
          <h2>What it is</h2>
          <Facts
            of={[
              ['Made', <When key="at" at={data.began} age />],
              data.began !== null && data.ended !== null
                ? ['Took', length(Date.parse(data.ended) - Date.parse(data.began))]
                : undefined,
              [
                'Size',
                `${bytes(backup.bytes)} at the destination${data.contentBytes === null ? '' : `, ${bytes(data.contentBytes)} before compression`}`,
              ],
              ['Holds', data.selection ?? 'does not say what was chosen'],
              [
                'Read back',
                data.compared === true
                  ? 'every part was read back and compared when it was made'
                  : data.compared === false
                    ? 'no: it was made without reading its parts back'
                    : 'it does not say',
              ],
              ['Encryption', data.encryption === null ? 'none' : <Text key="e" of={data.encryption} />],
              ['Lies at', <Text key="p" of={data.path} mono />],
              ...data.copies.map(
                ({ path, complete }) =>
                  [
                    'Copy',
                    <>
                      <Text of={path} mono /> {!complete && <Badge level="warn">not whole</Badge>}
                    </>,
                  ] as const,
              ),
              ...Object.entries(data.storage).flatMap(([name, value]) =>
                Object.hasOwn(storageWords, name)
                  ? [[storageWords[name] ?? '', <Text key={name} of={value} />] as const]
                  : [],
              ),
              ...Object.entries(backup.tags).map(
                ([name, value]) => [`Note: ${visible(name)}`, <Text key={name} of={note(value)} />] as const,
              ),
              data.writer === null ? undefined : ['Written by', <Text key="w" of={data.writer} />],
              data.checksum === null ? undefined : ['Checksum', <Text key="c" of={data.checksum} mono />],
            ]}
          />
        </>
      )}
      {(data.chain.length > 1 || data.children.length > 0) && (
        <>
          <h2>Chain</h2>
          <p class="quiet">
            {data.chain.length > 1
              ? `A restore reads ${counted(data.chain.length, 'backup')}, the full one first.`
              : 'It builds on no other.'}{' '}
            {data.children.length > 0 &&
              `${counted(data.children.length, 'backup')} need${data.children.length === 1 ? 's' : ''} it.`}
          </p>
          <Wide label="Chain">
            <table class="stack">
              <thead>
                <tr>
                  <th>Backup</th>
                  <th>Type</th>
                  <th>Made</th>
                  <th class="number">Size</th>
                </tr>
              </thead>
              <tbody>
                {data.chain.map((link) => (
                  <tr key={link.id}>
                    <th scope="row">
                      {link.id === id ? <Text of={`${id} (this one)`} mono /> : <BackupLink id={link.id} />}
                    </th>
                    <td data-name="Type">
                      <Text of={link.type} />
                    </td>
                    <td data-name="Made">
                      <When at={link.at} />
                    </td>
                    <td data-name="Size" class="number">
                      {bytes(link.bytes)}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Wide>
          {data.children.length > 0 && (
            <p class="small">
              Needed by{' '}
              {data.children.slice(0, 10).map((child, index) => (
                <>
                  {index > 0 && ', '}
                  <BackupLink id={child} />
                </>
              ))}
              {data.children.length > 10 && ` and ${data.children.length - 10} more`}
            </p>
          )}
        </>
      )}
      {records.length > 0 && <Resources of={records} id={id} title="Resources" links={!backup.locked} />}
      {internal.length > 0 && <Resources of={internal} id={id} title="Beside the records" links={false} />}
      {data.parts.length > 0 && (
        <details>
          <summary>{counted(data.partCount, 'part')}</summary>
          <Wide label="Parts">
            <table class="stack">
              <thead>
                <tr>
                  <th>File</th>
                  <th>Resource</th>
                  <th>Holds</th>
                  <th class="number">Lines</th>
                  <th class="number">Size</th>
                </tr>
              </thead>
              <tbody>
                {data.parts.map((part) => (
                  <tr key={part.file}>
                    <th scope="row" class="mono">
                      <Text of={part.file} mono />
                    </th>
                    <td data-name="Resource">
                      <Text of={part.resource} />
                    </td>
                    <td data-name="Holds">
                      <Text of={part.holds} />
                    </td>
                    <td data-name="Lines" class="number">
                      {part.records === null ? '' : number(part.records)}
                    </td>
                    <td data-name="Size" class="number">
                      {bytes(part.bytes)}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Wide>
          {data.partCount > data.parts.length && (
            <p class="quiet">The first {number(data.parts.length)} are shown.</p>
          )}
        </details>
      )}
    </>
  )
}

/** What is told of the storage, by the names of the drivers. */
const storageWords: Readonly<Record<string, string>> = {
  type: 'Driver',
  bucket: 'Bucket',
  region: 'Region',
  storageClass: 'Storage class',
  serverSideEncryption: 'Encrypted by the server',
  provider: 'Provider',
}

function sentence({ backup, resources, chain }: BackupDetails): string {
  const total = resources.filter((one) => !one.internal).reduce((sum, one) => sum + one.total, 0)
  const kind = chain.length > 1 ? `Incremental, ${chain.length - 1} after its full backup` : 'Full'
  if (backup.series === null) return ''
  if (backup.locked) return `${kind}; what it holds can be seen with the key alone`
  return `${kind}; the database had ${counted(total, 'record')} in ${counted(resources.filter((one) => !one.internal).length, 'resource')}`
}

function Resources({
  of,
  id,
  title,
  links,
}: {
  readonly of: BackupDetails['resources']
  readonly id: string
  readonly title: string
  readonly links: boolean
}) {
  const lost = of.some((one) => one.lost > 0)
  return (
    <>
      <h2>{title}</h2>
      <Wide label={title}>
        <table class="stack">
          <thead>
            <tr>
              <th>Resource</th>
              <th class="number">In all</th>
              <th class="number">New here</th>
              <th class="number">Changed here</th>
              <th class="number">Gone here</th>
              {lost && <th class="number">Lost</th>}
              <th class="number">Size</th>
            </tr>
          </thead>
          <tbody>
            {of.map((one) => (
              <tr key={one.name}>
                <th scope="row">
                  {links ? (
                    <Link to="/records" query={{ backup: id, resource: one.name }}>
                      <Text of={one.name} />
                    </Link>
                  ) : (
                    <Text of={one.name} />
                  )}
                </th>
                <td data-name="In all" class="number">
                  {number(one.total)}
                </td>
                <td data-name="New here" class="number">
                  {number(one.added)}
                </td>
                <td data-name="Changed" class="number">
                  {number(one.replaced)}
                </td>
                <td data-name="Gone here" class="number">
                  {number(one.deleted)}
                </td>
                {lost && (
                  <td data-name="Lost" class="number bad-text">
                    {one.lost === 0 ? '' : number(one.lost)}
                  </td>
                )}
                <td data-name="Size" class="number">
                  {bytes(one.bytes)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </>
  )
}

const levels = {
  quick: 'Quick: every part is there and has its size',
  stored: 'Stored: every byte is read and hashed',
  full: 'Full: every record is read as well',
}

/** Buttons that try whether the backup can be relied on, each with its command. */
function Checks({ id }: { readonly id: string }) {
  const { about } = useContext(Around)
  const [level, setLevel] = useState<keyof typeof levels>('full')
  const [problem, setProblem] = useState<Problem>()
  const jobs = useAnswer<{ readonly jobs: readonly Job[] }>('/api/jobs')
  const start = async (path: string, body: unknown) => {
    try {
      const job = await send<Job>(path, body)
      go('/job', { id: job.id })
    } catch (error) {
      setProblem(problemOf(error))
    }
  }
  const last = jobs.data?.jobs.find(
    (job) => job.backup === id && (job.kind === 'verify' || job.kind === 'drill'),
  )
  return (
    <section aria-labelledby="checks">
      <h2 id="checks">Can it be relied on?</h2>
      {last !== undefined && (
        <p>
          Last check from this page:{' '}
          <Link to="/job" query={{ id: last.id }}>
            {last.kind}
          </Link>
          , <Outcome of={last} />
        </p>
      )}
      <div class="row">
        <label>
          <span class="hidden">How much is looked at</span>
          <select
            value={level}
            onChange={(event) => setLevel(event.currentTarget.value as keyof typeof levels)}
          >
            {Object.entries(levels).map(([key, words]) => (
              <option key={key} value={key}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <button type="button" onClick={() => void start('/api/verify', { id, level })}>
          Verify
        </button>
      </div>
      <Command
        line={commandLine(['verify', id], level === 'full' ? {} : { '--level': level }, about.placeOptions)}
      />
      <div class="row">
        <button
          type="button"
          disabled={!about.writes}
          title={about.writes ? undefined : 'The page was started without --allow-writes'}
          onClick={() => void start('/api/drill', { id })}
        >
          Drill
        </button>
        <span class="quiet">
          Restores it into a database of its own, compares every record, and keeps a report at the
          destination.
          {!about.writes && ' Only with --allow-writes.'}
        </span>
      </div>
      <Command
        line={commandLine(
          ['verify', id],
          { '--level': 'restore', '--keep-report': true },
          about.placeOptions,
        )}
      />
      <Wrong problem={problem} />
    </section>
  )
}

export function Outcome({ of }: { readonly of: Job }) {
  const { report, state } = of
  if (state === 'running') return <Badge level="plain">under way</Badge>
  if (state === 'stopped') return <Badge level="warn">stopped</Badge>
  if (state === 'failed' || report === null) return <Badge level="bad">failed</Badge>
  if (report.kind === 'verify' || report.kind === 'drill')
    return report.ok ? <Badge level="good">sound</Badge> : <Badge level="bad">not sound</Badge>
  const lacks = report.resources.some(({ failed }) => failed > 0)
  if (report.kind === 'dry-run') return <Badge level="plain">counted</Badge>
  return lacks ? <Badge level="warn">not all restored</Badge> : <Badge level="good">restored</Badge>
}
