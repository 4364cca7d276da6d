import { useContext, useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import type { Moment } from '../../api/home.js'
import { bytes, length } from '../words.js'
import { Around } from './basic.js'

interface ChartProps {
  readonly title: string
  readonly moments: readonly Moment[]
  readonly value: 'bytes' | 'duration'
}

/** One number of each backup over time: full ones and incremental ones are two lines. */
export function Chart({ title, moments, value }: ChartProps) {
  const holder = useRef<HTMLDivElement>(null)
  const { dark, zone } = useContext(Around)
  useEffect(() => {
    const element = holder.current
    if (element === null || moments.length === 0) return undefined
    const style = getComputedStyle(element)
    const [line, quiet] = [style.getPropertyValue('--line'), style.getPropertyValue('--quiet')]
    const words = value === 'bytes' ? bytes : length
    const times = moments.map(({ at }) => Date.parse(at) / 1000)
    const only = (full: boolean) =>
      moments.map((moment) => ((moment.parent === null) === full ? moment[value] : null))
    const axis = {
      stroke: quiet,
      font: '11px system-ui, sans-serif',
      grid: { stroke: line, width: 1 },
      ticks: { stroke: line, width: 1 },
    }
    const series = (label: string, stroke: string) => ({
      label,
      stroke,
      width: 1.5,
      spanGaps: true,
      points: { show: moments.length < 60, size: 5, fill: stroke },
    })
    const chart = new uPlot(
      {
        width: element.clientWidth,
        height: 120,
        legend: { show: false },
        cursor: { show: false },
        ...(zone === 'utc' ? { tzDate: (at: number) => uPlot.tzDate(new Date(at * 1000), 'Etc/UTC') } : {}),
        scales: { y: { range: (_, __, most) => [0, Math.max(most * 1.1, 1)] } },
        axes: [
          {
            ...axis,
            ...{ size: 30, space: 70 },
            values: (_, ticks, __, ___, step) =>
              ticks.map((tick, index) => timeOfTick(tick, step, zone, index === 0)),
          },
          { ...axis, size: 58, values: (_, ticks) => ticks.map((tick) => words(tick)), space: 30 },
        ],
        series: [{}, series('full', dark ? '#9cc3ea' : '#1b4f8a'), series('incremental', '#4f8fd0')],
      },
      [times, only(true), only(false)] as uPlot.AlignedData,
      element,
    )
    const watch = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: 120 }))
    watch.observe(element)
    return () => {
      watch.disconnect()
      chart.destroy()
    }
  }, [moments, value, dark, zone])
  const values = moments.map((moment) => moment[value])
  const words = value === 'bytes' ? bytes : length
  const told = `${title}: from ${words(Math.min(...values))} to ${words(Math.max(...values))} over ${moments.length} backups`
  return (
    <div class="chart">
      <h4 class="quiet small">{title}</h4>
      <div ref={holder} role="img" aria-label={told} />
    </div>
  )
}

/** A tick of the axis of time, as short as its step lets it be: the day where one begins, else the time of day. */
function timeOfTick(tick: number, step: number, zone: 'local' | 'utc', isFirst: boolean): string {
  const date = new Date(tick * 1000)
  const shifted = zone === 'utc' ? date : new Date(date.getTime() - date.getTimezoneOffset() * 60_000)
  const text = shifted.toISOString()
  const [day, time] = [text.slice(5, 10), text.slice(11, 16)]
  if (step >= 28 * 86_400) return text.slice(0, 7)
  if (step >= 86_400) return isFirst ? text.slice(0, 10) : day
  if (step < 60) return text.slice(11, 19)
  return isFirst || time === '00:00' ? `${day} ${time}` : time
}
