import { useEffect, useState } from 'preact/hooks'
import { useApp } from '../context.ts'
import { Choice } from '../parts/choice.tsx'
import { Notice } from '../parts/notice.tsx'
import { Screen } from '../parts/screen.tsx'
import { useLoaded } from '../parts/use-busy.ts'
import { goTo } from '../places.ts'
import { DocumentScreen } from './document.tsx'
import { Documents } from './documents.tsx'

/** Inside a record that is open: the address's `#…` is the place. */
export function Inside({ warnings }: { readonly warnings: readonly string[] }) {
  const { link } = useApp()
  const [place, setPlace] = useState(() => location.hash.slice(1))
  useEffect(() => {
    const follow = () => setPlace(location.hash.slice(1))
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  const documents = useLoaded(() => link.call('documents', null))
  const [name, id] = place.split('/')
  if (name === 'documents') return <Documents loaded={documents} />
  if (name === 'document' && id) return <DocumentScreen key={id} id={id} loaded={documents} />
  return <Home warnings={warnings} />
}

function Home({ warnings }: { readonly warnings: readonly string[] }) {
  const { home } = useApp().words
  return (
    <Screen title={home.title}>
      {warnings.length > 0 && (
        <Notice kind="warning">
          <p>{warnings.join(' ')}</p>
        </Notice>
      )}
      <ul class="choices">
        <Choice title={home.documents} text={home.documentsText} onChoose={() => goTo('documents')} />
      </ul>
    </Screen>
  )
}
