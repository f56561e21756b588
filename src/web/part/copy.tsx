// Copies a text, and says that it did.
import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import { Icon } from './icon.tsx'

export function CopyButton({ text, label = 'Copy' }: { readonly text: string; readonly label?: string }) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return undefined
    const timer = setTimeout(() => setCopied(false), 2000)
    return () => clearTimeout(timer)
  }, [copied])
  return (
    <Button
      variant="default"
      leftSection={<Icon name={copied ? 'check' : 'copy'} size={14} />}
      onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
    >
      <span aria-live="polite">{copied ? 'Copied' : label}</span>
    </Button>
  )
}

/** A digest, cut for the eye; the whole one on hover and for those who listen. */
export function Digest({ value }: { readonly value: string }) {
  return (
    <code title={value} className="number">
      {value.replace(/^sha256:/, '').slice(0, 12)}
    </code>
  )
}
