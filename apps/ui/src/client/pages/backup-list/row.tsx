import { useContext } from 'preact/hooks'
import type { ListedBackup } from '../../../api/backups.js'
import type { Presence } from '../../../api/reach.js'
import { Around, BackupLink, Badge, StateWord, Text, When } from '../../parts/basic.js'
import { ago, bytes, length, note, number } from '../../words.js'

interface RowProps {
  readonly of: ListedBackup
  readonly depth: number
  readonly chosen: boolean
  readonly choose: (id: string) => void
  readonly places: Presence['places']
}

export function Row({ of, depth, chosen, choose, places }: RowProps) {
  const { now } = useContext(Around)
  const comparable = of.state === 'complete' || of.state === 'incomplete'
  return (
    <tr>
      <td>
        {comparable && (
          <input
            type="checkbox"
            checked={chosen}
            onChange={() => choose(of.id)}
            aria-label={`Compare ${of.id}`}
          />
        )}
      </td>
      <th scope="row">
        {depth > 0 && <span class="tree">{`${'  '.repeat(Math.min(depth, 6) - 1)}└ `}</span>}
        <BackupLink id={of.id} />
        {of.why !== null && (
          <div class="quiet small">
            <Text of={of.why} />
          </div>
        )}
      </th>
      <td data-name="Made">
        <When at={of.at} />
        {of.at !== null && <div class="quiet small">{ago(of.at, now)}</div>}
      </td>
      <td data-name="Type">{of.type === null ? '' : <Text of={of.type} />}</td>
      <td data-name="State">
        <StateWord of={of.state} /> {of.encrypted && <Badge level="plain">encrypted</Badge>}
        {of.locked && <Badge level="warn">no key here</Badge>}
        {of.copies > 1 && <Badge level="plain">{of.copies} copies</Badge>}
      </td>
      <td data-name="Records" class="number">
        {of.records === null ? '' : number(of.records)}
      </td>
      <td data-name="Size" class="number">
        {bytes(of.bytes)}
      </td>
      <td data-name="Took" class="number">
        {of.duration === null ? '' : length(of.duration)}
      </td>
      {places.length > 0 && (
        <td data-name="Where" class="small">
          {comparable && <Where id={of.id} places={places} />}
        </td>
      )}
      <td data-name="Notes" class="small">
        {Object.entries(of.tags).map(([name, value]) => (
          <div key={name}>
            <Text of={`${name}: ${note(value)}`} />
          </div>
        ))}
      </td>
    </tr>
  )
}

/** Which of several destinations have it. */
export function Where({ id, places }: { readonly id: string; readonly places: Presence['places'] }) {
  const lacking = places.filter(({ ids, error }) => error === null && !ids.includes(id))
  const has = places.filter(({ ids }) => ids.includes(id))
  return (
    <>
      {has.map(({ name }) => (
        <div key={name}>
          <Text of={name} />
        </div>
      ))}
      {lacking.map(({ name }) => (
        <div key={name} class="bad-text">
          not at <Text of={name} />
        </div>
      ))}
    </>
  )
}
