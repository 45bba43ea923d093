import { useEffect, useMemo, useState } from 'preact/hooks'
import { useApp } from '../context.ts'
import { dayOf, sizeOf } from '../dates.ts'
import { Form } from '../parts/form.tsx'
import { Notice, TroubleBox, Waiting } from '../parts/notice.tsx'
import { Screen } from '../parts/screen.tsx'
import { useBusy } from '../parts/use-busy.ts'
import { Viewer } from '../parts/viewer.tsx'
import { goTo } from '../places.ts'
import type { Content, DocumentLine } from '../worker/documents.ts'
import type { LoadedDocuments } from './documents.tsx'
import { Moving } from './moving.tsx'

/** One document: what it is, its content, and masking. */
export function DocumentScreen(props: {
  readonly id: string
  readonly loaded: LoadedDocuments
  /** Names of the patient's own compartments. */
  readonly own: readonly string[]
}) {
  const { id, loaded, own } = props
  const { words } = useApp()
  const { document: said, frame, compartments } = words
  const [asking, setAsking] = useState<'mask' | 'move' | null>(null)
  const [news, setNews] = useState('')
  const line = loaded.value?.documents.find(each => each.id === id)
  const back = { label: said.back, onBack: () => goTo('documents') }
  if (line === undefined) {
    return (
      <Screen title={loaded.value === null ? said.opening : said.gone} back={back}>
        {loaded.trouble && <TroubleBox trouble={loaded.trouble} onAgain={loaded.reload} />}
        {loaded.value === null && loaded.busy && <Waiting>{frame.wait}</Waiting>}
      </Screen>
    )
  }
  const done = (news: string) => {
    setNews(news)
    loaded.reload()
    setAsking(null)
  }
  const onBack = () => setAsking(null)
  if (asking === 'mask') {
    return <Masking line={line} onBack={onBack} onDone={() => done(line.isMasked ? said.unmasked : said.masked)} />
  }
  if (asking === 'move') {
    return <Moving line={line} own={own} onBack={onBack} onDone={() => done(compartments.moved)} />
  }
  return (
    <Screen title={line.title} back={back}>
      {news !== '' && (
        <Notice kind="good">
          <p role="status">{news}</p>
        </Notice>
      )}
      <Facts line={line} />
      <Opened key={id} id={id} />
      <button type="button" onClick={() => setAsking('mask')}>
        {line.isMasked ? said.unmask : said.mask}
      </button>
      {!line.isMasked && own.length > 0 && (
        <button type="button" onClick={() => setAsking('move')}>
          {compartments.move}
        </button>
      )}
    </Screen>
  )
}

function Facts({ line }: { readonly line: DocumentLine }) {
  const { words, language } = useApp()
  const { document: said, documents, kinds } = words
  const { author, profession, date, depositedAt, kind, size, isMasked } = line
  return (
    <dl class="facts">
      <dt>{said.by}</dt>
      <dd>
        {author}
        {profession === null ? '' : `, ${profession}`}, {said.on} {dayOf(depositedAt, language)}
      </dd>
      <dt>{said.dated}</dt>
      <dd>{dayOf(date, language)}</dd>
      <dt>{said.kind}</dt>
      <dd>
        {kinds[kind] ?? kind}
        {isMasked && <span class="badge">{documents.masked}</span>}
      </dd>
      <dt>{said.size}</dt>
      <dd>{sizeOf(size, language)}</dd>
    </dl>
  )
}

/** Fetches, opens and shows the content; nothing of it stays when the screen goes. */
function Opened({ id }: { readonly id: string }) {
  const { words, link } = useApp()
  const { document: said } = words
  const { trouble, run } = useBusy()
  const [content, setContent] = useState<Content | null>(null)
  const [percent, setPercent] = useState(0)
  const load = () =>
    void run(async () => {
      const onProgress = (done: number, total: number) => setPercent(Math.floor((done / Math.max(total, 1)) * 100))
      setContent(await link.call('read', { id }, { onProgress }))
    })
  useEffect(load, [])
  const url = useMemo(() => (content === null ? '' : URL.createObjectURL(savedAs(content.blob))), [content])
  useEffect(() => () => URL.revokeObjectURL(url), [url])
  if (trouble !== null) return <TroubleBox trouble={trouble} onAgain={load} />
  if (content === null) return <Waiting>{percent === 0 ? said.opening : said.progress(percent)}</Waiting>
  return (
    <>
      <Viewer content={content} />
      <p class="checked">
        <span aria-hidden="true">✓</span> {said.checked}
      </p>
      <p>
        <a class="button" href={url} download={content.fileName}>
          {said.download}
        </a>
      </p>
      <p class="hint">{said.downloadHint}</p>
    </>
  )
}

/** As octets: an address of this origin under which no browser would show, let alone run, what is in it. */
function savedAs(blob: Blob): Blob {
  return blob.slice(0, blob.size, 'application/octet-stream')
}

function Masking(props: { readonly line: DocumentLine; onBack(): void; onDone(): void }) {
  const { words, link } = useApp()
  const { document: said, frame } = words
  const { line, onBack, onDone } = props
  const back = { label: frame.cancel, onBack }
  if (line.isMasked) {
    return (
      <Screen title={said.unmaskTitle} lead={line.title} back={back}>
        <Form
          send={said.unmaskSend}
          busy={said.unmaskBusy}
          onSend={async () => {
            await link.call('unmask', { id: line.id })
            onDone()
          }}
        >
          <p>{said.unmaskDoes}</p>
        </Form>
      </Screen>
    )
  }
  return (
    <Screen title={said.maskTitle} lead={line.title} back={back}>
      <Form
        send={said.maskSend}
        busy={said.maskBusy}
        onSend={async () => {
          await link.call('mask', { id: line.id })
          onDone()
        }}
      >
        <h2>{said.maskDoesTitle}</h2>
        <ul>
          {said.maskDoes.map(text => (
            <li key={text}>{text}</li>
          ))}
        </ul>
        <h2>{said.maskDoesNotTitle}</h2>
        <ul>
          {said.maskDoesNot.map(text => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      </Form>
    </Screen>
  )
}
