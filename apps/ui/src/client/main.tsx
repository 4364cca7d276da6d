import '@picocss/pico/css/pico.classless.min.css'
import 'uplot/dist/uPlot.min.css'
import './page.css'
import { render } from 'preact'

const root = document.getElementById('page')
if (root !== null)
  render(
    <main>
      <h1>Backups</h1>
    </main>,
    root,
  )
