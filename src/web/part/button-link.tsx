// A link that looks like a button.
import { Button, type ButtonProps } from '@mantine/core'
import { createLink } from '@tanstack/react-router'
import type { AnchorHTMLAttributes, Ref } from 'react'

type AnchorProps = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof ButtonProps>

function ButtonAnchor(props: ButtonProps & AnchorProps & { readonly ref?: Ref<HTMLAnchorElement> }) {
  return <Button component="a" {...props} />
}

export const ButtonLink = createLink(ButtonAnchor)
