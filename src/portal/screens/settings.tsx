import { useApp } from '../context.ts'
import { Choice } from '../parts/choice.tsx'
import { Screen } from '../parts/screen.tsx'
import { goTo } from '../places.ts'

/** What is done seldom: devices, messages, own compartments, taking the record along, closing it. */
export function Settings() {
  const { settings, handOver, frame } = useApp().words
  const choices = [
    ['devices', settings.devices, settings.devicesText],
    ['notices', settings.notices, settings.noticesText],
    ['contact', settings.contact, settings.contactText],
    ['compartments', settings.compartments, settings.compartmentsText],
    ['export', settings.export, settings.exportText],
    ['hand-over', handOver.choice, handOver.choiceText],
    ['closing', settings.closing, settings.closingText],
  ] as const
  return (
    <Screen title={settings.title} back={{ label: frame.home, onBack: () => goTo('') }}>
      <ul class="choices">
        {choices.map(([place, title, text]) => (
          <Choice key={place} title={title} text={text} onChoose={() => goTo(place)} />
        ))}
      </ul>
    </Screen>
  )
}
