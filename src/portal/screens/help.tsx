import { useApp } from '../context.ts'
import { Choice } from '../parts/choice.tsx'
import { Screen } from '../parts/screen.tsx'

/** Somebody who cannot open the record on a browser that knows it: what is missing? */
export function Help(props: { onBack(): void; onLostCode(): void; onNewDevice(): void; onLostAll(): void }) {
  const { help, reopening, frame } = useApp().words
  return (
    <Screen title={help.title} back={{ label: frame.back, onBack: props.onBack }}>
      <ul class="choices">
        <Choice title={help.code} text={help.codeText} onChoose={props.onLostCode} />
        <Choice title={help.device} text={help.deviceText} onChoose={props.onNewDevice} />
        <Choice title={reopening.choice} text={reopening.choiceText} onChoose={props.onLostAll} />
      </ul>
      <h2>{help.mail}</h2>
      <p>{help.mailText}</p>
    </Screen>
  )
}

/** What a lost secret code takes, before it is begun. */
export function LostCode(props: { onBack(): void; onNext(): void }) {
  const { lost, frame } = useApp().words
  return (
    <Screen title={lost.title} lead={lost.lead} back={{ label: frame.back, onBack: props.onBack }}>
      <ol>
        {lost.needs.map(text => (
          <li key={text}>{text}</li>
        ))}
      </ol>
      <p>{lost.others}</p>
      <button type="button" class="primary" onClick={props.onNext}>
        {lost.next}
      </button>
    </Screen>
  )
}
