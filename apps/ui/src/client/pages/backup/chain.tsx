import type { BackupDetails } from '../../../api/backups.js'
import { BackupLink, Text, When } from '../../parts/basic.js'
import { Wide } from '../../parts/wide.js'
import { bytes, counted } from '../../words.js'

/** The backups that a restore of this one reads, and those that need this one. */
export function Chain({ of: data }: { readonly of: BackupDetails }) {
  const { id } = data.backup
  return (
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
  )
}
