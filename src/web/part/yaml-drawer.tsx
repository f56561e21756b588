// A YAML document at the side: written, saved as a whole, and what the server finds wrong with it marked at its line and column.
import { Button, Drawer } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import type { Diagnostic } from '#contract/diagnostic'
import { toFault } from '../api.ts'
import { Code } from './code.tsx'
import { DiagnosticList, FaultNotice } from './notice.tsx'
import style from './yaml-drawer.module.css'

export function YamlDrawer({
  title,
  text: before,
  save,
  stale,
  close,
  children,
}: {
  readonly title: string
  /** As it is stored, or what a new one begins with. */
  readonly text: string
  /** Absent: read-only. */
  readonly save?: ((text: string) => Promise<unknown>) | undefined
  /** Lists that show something else once it is saved, by the first part of their key. */
  readonly stale: readonly string[]
  readonly close: () => void
  /** Fields beside the document. */
  readonly children?: ReactNode
}) {
  const queries = useQueryClient()
  const [text, setText] = useState(before)
  const [place, setPlace] = useState<{ readonly diagnostic: Diagnostic }>()
  const keep = useMutation({
    mutationFn: async () => await save?.(text),
    onSuccess: async () => {
      await Promise.all(stale.map((key) => queries.invalidateQueries({ queryKey: [key] })))
      close()
    },
  })
  const diagnostics = keep.error ? toFault(keep.error).diagnostics : []
  // What is wrong with an input set may be shown in the pipeline that asks for the value; there is no place for it in this text.
  const own = diagnostics.filter(({ span }) => span?.file?.endsWith('.yaml') ?? true)
  const leave = (): void => {
    // oxlint-disable-next-line no-alert -- what was written would be lost
    if (text === before || confirm('Close without saving what was written?')) close()
  }
  return (
    <Drawer
      opened
      onClose={leave}
      size="xl"
      position="right"
      title={title}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div className={style.body}>
        {children}
        <Code
          text={text}
          language="yaml"
          label={`YAML: ${title}`}
          className={style.editor}
          diagnostics={own}
          place={place}
          {...(save ? { onChange: setText } : {})}
        />
        {keep.error && diagnostics.length === 0 ? <FaultNotice error={keep.error} /> : null}
        {diagnostics.length > 0 ? (
          <section aria-label="Findings" role="alert">
            <DiagnosticList diagnostics={own} goTo={(diagnostic) => setPlace({ diagnostic })} />
            <DiagnosticList diagnostics={diagnostics.filter((one) => !own.includes(one))} />
          </section>
        ) : null}
        <div className={style.end}>
          <Button variant="default" onClick={leave}>
            {save ? 'Cancel' : 'Close'}
          </Button>
          {save ? (
            <Button loading={keep.isPending} onClick={() => keep.mutate()}>
              Save
            </Button>
          ) : null}
        </div>
      </div>
    </Drawer>
  )
}
