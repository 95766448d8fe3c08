import { signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';

import { asked, type Command } from './command.ts';

/** The open menu. */
interface OpenMenu {
  readonly button: HTMLElement;
  /** The server or backend of the commands, for screen readers. */
  readonly of: string;
  readonly commands: readonly Command[];
}

const open = signal<OpenMenu | undefined>(undefined);

interface MenuButtonProps {
  readonly of: string;
  readonly commands: () => readonly Command[];
}

export function MenuButton({ of, commands }: MenuButtonProps) {
  return (
    <button
      type="button"
      class="more"
      aria-haspopup="menu"
      aria-label={`Commands for ${of}`}
      onClick={({ currentTarget }) => (open.value = { button: currentTarget, of, commands: commands() })}
    >
      ⋯
    </button>
  );
}

/** Stands once in the page. The browser closes it on Escape and on a click elsewhere. */
export function Menu() {
  const list = useRef<HTMLDivElement>(null);
  const shown = useRef<OpenMenu | undefined>(undefined);
  const menu = open.value;

  useLayoutEffect(() => {
    const { current } = list;
    shown.current = menu;
    if (current === null || menu === undefined) return;
    if (!current.matches(':popover-open')) current.showPopover();
    placeBeside(current, menu.button.getBoundingClientRect());
    current.querySelector('button')?.focus();
  }, [menu]);

  function choose(command: Command): void {
    list.current?.hidePopover();
    asked.value = command;
  }

  /** The event comes late: the next menu may be open by then. The focus goes back, unless a click has moved it. */
  function closed(): void {
    if (open.value !== shown.current) return;
    const { activeElement } = document;
    const isNowhere = activeElement === document.body || list.current?.contains(activeElement) === true;
    if (isNowhere) open.value?.button.focus();
    open.value = undefined;
  }

  return (
    <div
      ref={list}
      class="commands"
      popover="auto"
      role="menu"
      aria-label={`Commands for ${menu?.of ?? 'nothing'}`}
      onToggle={({ newState }) => newState === 'closed' && closed()}
      onKeyDown={moveFocus}
    >
      {menu?.commands.map((command) => (
        <button
          key={command.title}
          type="button"
          role="menuitem"
          class={command.isHarmful === true ? 'harmful' : ''}
          onClick={() => choose(command)}
        >
          {command.title}…
        </button>
      ))}
    </div>
  );
}

/** Below the button, or above it where there is no room. */
function placeBeside({ style, offsetWidth, offsetHeight }: HTMLElement, { right, bottom, top }: DOMRect): void {
  const isBelow = bottom + offsetHeight + 8 < innerHeight;
  style.left = `${Math.max(8, right - offsetWidth)}px`;
  style.top = `${isBelow ? bottom + 2 : Math.max(8, top - offsetHeight - 2)}px`;
}

function moveFocus(event: KeyboardEvent): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0 || !(event.currentTarget instanceof HTMLElement)) return;
  const items = [...event.currentTarget.querySelectorAll('button')];
  const at = items.findIndex((item) => item === document.activeElement);
  items.at((at + step) % items.length)?.focus();
  event.preventDefault();
}
