import { useApp } from '../context.ts'
import { Choice } from '../parts/choice.tsx'
import { Screen } from '../parts/screen.tsx'
import type { Standing } from '../worker/acts.ts'

/** A browser that does not open a record yet: where is the person in the two letters? */
export function Welcome({
  standing,
  go,
}: {
  readonly standing: Standing
  go(at: 'opening' | 'activating' | 'new-device'): void
}) {
  const { welcome } = useApp().words
  if (standing === 'opening') {
    return (
      <Screen title={welcome.resumeTitle} lead={welcome.resumeLead}>
        <button type="button" class="primary" onClick={() => go('opening')}>
          {welcome.resume}
        </button>
      </Screen>
    )
  }
  const isOpened = standing === 'opened'
  return (
    <Screen title={isOpened ? welcome.openedTitle : welcome.title} lead={isOpened ? welcome.openedLead : welcome.lead}>
      {!isOpened && <h2>{welcome.question}</h2>}
      <ul class="choices">
        {!isOpened && <Choice title={welcome.first} text={welcome.firstText} onChoose={() => go('opening')} />}
        <Choice title={welcome.second} text={welcome.secondText} onChoose={() => go('activating')} />
        <Choice title={welcome.existing} text={welcome.existingText} onChoose={() => go('new-device')} />
      </ul>
    </Screen>
  )
}
