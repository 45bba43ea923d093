import { useApp } from '../context.ts'
import { Screen } from '../parts/screen.tsx'

/** A record that was closed, by the person or by time. */
export function Ended({ why, onAgain }: { readonly why: 'idle' | 'out'; onAgain(): void }) {
  const { ended } = useApp().words
  return (
    <Screen title={why === 'idle' ? ended.idleTitle : ended.outTitle} lead={why === 'idle' ? ended.idle : ended.out}>
      <button type="button" class="primary" onClick={onAgain}>
        {ended.again}
      </button>
    </Screen>
  )
}
