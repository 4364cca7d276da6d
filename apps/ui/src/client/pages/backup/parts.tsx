import type { BackupDetails } from '../../../api/backups.js'
import { Text } from '../../parts/basic.js'
import { Wide } from '../../parts/wide.js'
import { bytes, counted, number } from '../../words.js'

/** The files of a backup, folded. */
export function Parts({ of: data }: { readonly of: BackupDetails }) {
  return (
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
  )
}
