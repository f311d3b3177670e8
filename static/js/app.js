/* Small comforts on top of pages that work without them. */
(() => {
  "use strict";

  const all = (root, selector) => [
    ...(root.matches?.(selector) ? [root] : []),
    ...root.querySelectorAll(selector),
  ];

  const makeButton = (className, text, name) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = className;
    button.textContent = text;
    if (name) button.setAttribute("aria-label", name);
    return button;
  };

  function addDismissButtons(root) {
    for (const element of all(root, "[data-dismissible]:not([data-ready])")) {
      element.dataset.ready = "";
      const button = makeButton("dismiss", "×", element.dataset.dismissLabel);
      button.addEventListener("click", () => {
        element.remove();
        document.getElementById("main")?.focus();
      });
      element.append(button);
    }
  }

  function addPasswordButtons(root) {
    for (const group of all(root, "[data-password]:not([data-ready])")) {
      group.dataset.ready = "";
      const input = group.querySelector("input");
      const { showLabel, hideLabel } = group.dataset;
      const label = document.querySelector(`label[for="${CSS.escape(input.id)}"]`)?.textContent ?? "";
      const button = makeButton("button button--secondary", showLabel, `${showLabel} – ${label}`);
      const show = (visible) => {
        input.type = visible ? "text" : "password";
        button.textContent = visible ? hideLabel : showLabel;
        button.setAttribute("aria-label", `${button.textContent} – ${label}`);
      };
      button.addEventListener("click", () => show(input.type === "password"));
      // A visible password would be offered by the browser's form history later on.
      input.form?.addEventListener("submit", () => show(false));
      group.append(button);
    }
  }

  function prepare(root) {
    addDismissButtons(root);
    addPasswordButtons(root);
  }

  /* Returns whether there was something that had to be read first. */
  function focusErrors(root) {
    const summary = all(root, "[data-focus-on-load]")[0];
    summary?.focus();
    return Boolean(summary);
  }

  document.addEventListener("submit", (event) => {
    const question = event.target.dataset?.confirm;
    if (question && !window.confirm(question)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }, true);

  // The session ended: a fragment cannot say so without losing what was typed. So the form is sent
  // once more as a whole page, which answers with a sign-in that keeps it.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const { xhr, elt, requestConfig } = event.detail;
    if (!xhr.getResponseHeader("Alko-Send-Plainly") || !(elt instanceof HTMLFormElement)) return;
    event.preventDefault();
    const pressed = requestConfig.triggeringEvent?.submitter;
    if (pressed?.name) {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name: pressed.name, value: pressed.value });
      elt.append(field);
    }
    elt.submit();
  });

  // A part of a page could not be had: nothing is swapped, so nothing typed is lost, and it is said.
  function sayFailure(event) {
    const { xhr, elt } = event.detail;
    const messages = document.getElementById("messages");
    if (!messages || elt.matches("[data-poll]")) return;
    const page = new DOMParser().parseFromString(xhr?.responseText ?? "", "text/html");
    const reason = page.querySelector("#messages .notice-body, main h1")?.textContent.trim();
    const notice = document.createElement("div");
    notice.className = "notice notice--error flash";
    notice.setAttribute("role", "alert");
    notice.tabIndex = -1;
    notice.dataset.dismissible = "";
    notice.dataset.dismissLabel = messages.dataset.dismissLabel;
    const body = document.createElement("div");
    body.className = "notice-body";
    for (const text of [reason, messages.dataset.failed]) {
      if (text) body.append(Object.assign(document.createElement("p"), { textContent: text }));
    }
    notice.append(body);
    messages.replaceChildren(notice);
    prepare(messages);
    notice.focus();
  }
  document.addEventListener("htmx:responseError", sayFailure);
  document.addEventListener("htmx:sendError", sayFailure);
  document.addEventListener("htmx:timeout", sayFailure);

  // The link in an error summary must put the cursor into the field, not only scroll to it.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".error-summary a[href^='#']");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    (document.querySelector(`label[for="${CSS.escape(field.id)}"]`) ?? field).scrollIntoView({ block: "center" });
    field.focus({ preventScroll: true });
  });

  // After a swap the element that had the focus may be gone: find its successor by id or by name.
  let focused = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const active = document.activeElement;
    focused = event.detail.target?.contains(active)
      ? { id: active.id, name: active.getAttribute("name") }
      : null;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const root = event.detail.elt;
    if (!(root instanceof Element)) return;
    prepare(root);
    if (focusErrors(root) || !focused) return;
    if (document.activeElement === document.body) {
      const successor =
        (focused.id && document.getElementById(focused.id)) ||
        (focused.name && root.querySelector(`[name="${CSS.escape(focused.name)}"]:not([type="hidden"])`));
      if (successor) {
        successor.focus();
      } else {
        root.setAttribute("tabindex", "-1");
        root.focus({ preventScroll: true });
      }
    }
    focused = null;
  });

  // What asks for news by itself is silent while nobody looks, and asks at once when they return.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (document.hidden && event.target.matches?.("[data-poll]")) event.preventDefault();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) document.dispatchEvent(new CustomEvent("tab-shown"));
  });

  prepare(document.body);
  focusErrors(document.body);
})();
