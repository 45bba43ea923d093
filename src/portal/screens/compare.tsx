import { useState } from 'preact/hooks'
import { type Trouble, useApp } from '../context.ts'
import { ActFailed } from '../link.ts'
import { Form } from '../parts/form.tsx'
import { HolderFacts } from '../parts/holder.tsx'
import { Notice, TroubleBox } from '../parts/notice.tsx'
import { Scan } from '../parts/scan.tsx'
import { Screen } from '../parts/screen.tsx'
import { goTo } from '../places.ts'
import type { RequestLine } from '../worker/access.ts'

/** How a request was held against the screen of who asks. */
export type Compared = 'scanned' | 'words' | 'apart'

/**
 * Before a request is answered: the square or the six words on the professional's screen must be those of this very request.
 * Who is not in the same room says so, and is told what to look at instead.
 */
export function Compare(props: {
  readonly request: RequestLine
  onCompared(how: Compared): void
  onDenied(news: string): void
}) {
  const { words, link, tell } = useApp()
  const { compare, rights, frame } = words
  const { request, onCompared, onDenied } = props
  const [isOther, setOther] = useState(false)
  const [trouble, setTrouble] = useState<Trouble | null>(null)
  const deny = async () => {
    await link.call('deny', { request: request.request })
    onDenied(rights.denied)
  }
  if (isOther || trouble !== null) {
    const goBack = () => {
      setOther(false)
      setTrouble(null)
    }
    return (
      <Screen title={compare.otherTitle} back={{ label: frame.back, onBack: goBack }}>
        {trouble !== null && <TroubleBox trouble={trouble} />}
        <p>{compare.otherText}</p>
        <Form look="danger" send={rights.deny} busy={rights.denyBusy} onSend={deny}>
          {null}
        </Form>
      </Screen>
    )
  }
  return (
    <Screen
      title={compare.title(request.name)}
      lead={compare.lead}
      back={{ label: frame.back, onBack: () => goTo('access') }}
    >
      <HolderFacts {...request} />
      <h2>{compare.scanTitle}</h2>
      <Scan
        onText={async text => {
          try {
            await link.call('compare', { request: request.request, text })
          } catch (error) {
            // Another square is held up, or nothing answers: the camera looks on. A request that is not that one: an alarm.
            if (!(error instanceof ActFailed) || error.failure.kind !== 'verification') throw error
            setTrouble(tell(error))
            return
          }
          onCompared('scanned')
        }}
      />
      <h2>{compare.wordsTitle}</h2>
      <ol class="six-words" lang="fr">
        {request.words.split(' ').map((word, at) => (
          <li key={`${at}`}>{word}</li>
        ))}
      </ol>
      <div class="row">
        <button type="button" class="primary" onClick={() => onCompared('words')}>
          {compare.same}
        </button>
        <button type="button" class="other" onClick={() => setOther(true)}>
          {compare.different}
        </button>
      </div>
      <h2>{compare.apartTitle}</h2>
      <p>{compare.apartText}</p>
      <button type="button" class="plain" onClick={() => onCompared('apart')}>
        {compare.apart}
      </button>
    </Screen>
  )
}

/** What came of it, above the answer. */
export function ComparedNotice({ how }: { readonly how: Compared }) {
  const { compare, rights } = useApp().words
  if (how === 'apart') {
    return (
      <Notice kind="warning" title={compare.notComparedTitle}>
        <p>{rights.compare}</p>
      </Notice>
    )
  }
  return (
    <Notice kind="good">
      <p role="status">{how === 'scanned' ? compare.scanned : compare.sameWords}</p>
    </Notice>
  )
}
