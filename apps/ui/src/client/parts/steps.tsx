const steps = ['What and where', 'Dry run', 'Restore', 'Report']

export function Steps({ at }: { readonly at: number }) {
  return (
    <ol class="steps" aria-label="Steps of a restore">
      {steps.map((step, index) => (
        <li key={step} aria-current={index === at ? 'step' : undefined}>
          {step}
        </li>
      ))}
    </ol>
  )
}
