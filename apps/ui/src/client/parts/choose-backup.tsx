import type { BackupList } from '../../api/backups.js'
import { counted } from '../words.js'

interface ChooseProps {
  readonly list: BackupList | undefined
  readonly value: string
  readonly choose: (id: string) => void
}

/** A backup that can be read, the newest first. */
export function ChooseBackup({ list, value, choose }: ChooseProps) {
  const readable = (list?.backups ?? []).filter(
    ({ state, locked }) => (state === 'complete' || state === 'incomplete') && !locked,
  )
  return (
    <select id="backup" value={value} onChange={(event) => choose(event.currentTarget.value)}>
      <option value="">Choose a backup</option>
      {value !== '' && !readable.some(({ id }) => id === value) && <option value={value}>{value}</option>}
      {readable.map(({ id }) => (
        <option key={id} value={id}>
          {id}
        </option>
      ))}
    </select>
  )
}

/** Why backups cannot be chosen. */
export function Locked({ list }: { readonly list: BackupList | undefined }) {
  const locked = list?.backups.filter((one) => one.locked).length ?? 0
  if (locked === 0) return null
  return (
    <p class="note warn">
      {counted(locked, 'backup')} cannot be chosen: {locked === 1 ? 'it is' : 'they are'} encrypted, and no
      key here opens {locked === 1 ? 'it' : 'them'}. Start the page with the key.
    </p>
  )
}
