/* Uploads file by file, with progress, on top of forms that work without this script. */
(() => {
  "use strict";

  const news = document.getElementById("upload-news");
  const rowTemplate = document.getElementById("upload-row");
  if (!news || !rowTemplate || !window.FormData || !("upload" in new XMLHttpRequest())) return;

  const QUIET_MILLISECONDS = 4000;
  const words = (name, values = {}) =>
    Object.entries(values).reduce(
      (text, [key, value]) => text.replaceAll(`{${key}}`, value), news.dataset[name] ?? "");

  // A screen reader says what is new in the region; one message must not swallow the one before.
  let said = [];
  const say = (text) => {
    said.push(text);
    if (said.length === 1) setTimeout(() => { news.textContent = said.join(" "); said = []; }, 150);
  };

  const sizeOf = (bytes) => {
    const units = ["B", "kB", "MB", "GB"];
    let unit = 0;
    while (bytes >= 1000 && unit < units.length - 1) { bytes /= 1000; unit += 1; }
    const digits = unit ? 1 : 0;
    return `${bytes.toLocaleString(document.documentElement.lang, { maximumFractionDigits: digits })} ${units[unit]}`;
  };

  const roomLeft = () => Number(document.getElementById("quota-left")?.dataset.left ?? Infinity);

  /* One chosen file and its row in the queue. */
  class Item {
    constructor(form, file) {
      this.form = form;
      this.file = file;
      this.state = "waiting";
      this.row = rowTemplate.content.firstElementChild.cloneNode(true);
      this.part("name").textContent = file.name;
      this.part("size").textContent = sizeOf(file.size);
      this.part("progress").setAttribute("aria-label", file.name);
      for (const which of this.row.querySelectorAll("[data-which]")) which.textContent = ` – ${file.name}`;
      this.part("cancel").addEventListener("click", () => this.cancel());
      this.part("retry").addEventListener("click", () => this.retry());
      this.part("drop").addEventListener("click", () => this.takeOff());
      this.show("waiting");
    }

    part(name) { return this.row.querySelector(`[data-${name}]`); }

    show(state, text = words(state)) {
      this.state = state;
      this.row.dataset.state = state;
      this.part("status").textContent = text;
      const busy = state === "sending" || state === "checking" || state === "queued";
      this.part("progress").hidden = !(busy || state === "stored");
      this.part("cancel").hidden = !(busy && state !== "checking");
      this.part("retry").hidden = !["cancelled", "refused"].includes(state);
      this.part("drop").hidden = busy || state === "stored";
      this.part("error").hidden = state !== "refused";
    }

    refuse(reason, advice, again = true) {
      this.show("refused", "");
      this.part("reason").textContent = reason;
      this.part("advice").textContent = advice;
      this.part("retry").hidden = !again;
      say(`${words("failed", { name: this.file.name })} ${reason} ${advice}`);
    }

    /* What can be known before a byte is sent; the server judges everything else. */
    fits() {
      if (this.file.size > Number(this.form.element.dataset.limit)) {
        this.refuse(words("tooLarge"), words("tooLargeAdvice"), false);
      } else if (!this.file.size) {
        this.refuse(words("empty"), words("emptyAdvice"), false);
      } else if (this.file.size > roomLeft()) {
        this.refuse(words("noRoom"), words("noRoomAdvice"));
      } else {
        return true;
      }
      return false;
    }

    send() {
      return new Promise((resolve) => {
        const body = new FormData();
        for (const field of this.form.element.querySelectorAll("input[type=hidden]")) {
          body.append(field.name, field.value);
        }
        body.append("file", this.file, this.file.name);
        const request = this.request = new XMLHttpRequest();
        let quietUntil = performance.now() + QUIET_MILLISECONDS;
        request.upload.addEventListener("progress", (event) => {
          if (!event.lengthComputable || this.state !== "sending") return;
          const percent = Math.floor((100 * event.loaded) / event.total);
          this.part("progress").value = percent;
          this.show("sending", words("sending", { percent }));
          if (performance.now() > quietUntil && percent < 100) {
            quietUntil = performance.now() + QUIET_MILLISECONDS;
            say(`${this.file.name}: ${words("sending", { percent })}`);
          }
        });
        request.upload.addEventListener("load", () => {
          if (this.state !== "sending") return;
          this.keepFocus(() => this.show("checking"));
          this.part("progress").removeAttribute("value");
        });
        request.addEventListener("load", () => { this.answered(request); resolve(); });
        request.addEventListener("error", () => {
          this.refuse(words("network"), words("networkAdvice"));
          resolve();
        });
        request.addEventListener("abort", () => resolve());
        request.open("POST", this.form.element.action);
        request.setRequestHeader("HX-Request", "true");
        request.setRequestHeader("HX-Current-URL", location.href);
        this.part("progress").value = 0;
        this.show("sending", words("sending", { percent: 0 }));
        request.send(body);
      });
    }

    answered(request) {
      if (request.getResponseHeader("HX-Redirect")) {
        this.refuse(words("signedOut"), words("signedOutAdvice"));
        return;
      }
      const answer = new DOMParser().parseFromString(request.responseText, "text/html");
      const refusal = answer.querySelector("[data-refusal]");
      if (refusal) {
        const text = (name) => refusal.querySelector(`[data-${name}]`)?.lastChild?.textContent.trim() ?? "";
        this.refuse(text("reason"), text("advice"), refusal.hasAttribute("data-again"));
      } else if (request.status === 200) {
        this.part("progress").value = 100;
        const notes = answer.querySelector("[data-notes]")?.textContent.trim() ?? "";
        const text = `${words("stored")}. ${notes}`.trim();
        this.keepFocus(() => this.show("stored", text));
        say(`${this.file.name}: ${text}`);
      } else if (request.status === 413) {
        this.refuse(words("tooLarge"), words("tooLargeAdvice"), false);
        return;
      } else if (request.status === 400) {
        this.refuse(words("stale"), words("staleAdvice"), false);
        return;
      } else {
        this.refuse(words("server"), words("serverAdvice"));
        return;
      }
      for (const fresh of answer.querySelectorAll("[data-live][id]")) {
        document.getElementById(fresh.id)?.replaceWith(document.adoptNode(fresh));
      }
    }

    cancel() {
      this.request?.abort();
      this.show("cancelled");
      say(`${this.file.name}: ${words("cancelled")}`);
      this.part("retry").focus();
    }

    retry() {
      if (!this.fits()) { this.row.focus(); return; }
      this.show("queued");
      this.part("cancel").focus();
      this.form.run();
    }

    takeOff() {
      const neighbour = this.row.nextElementSibling ?? this.row.previousElementSibling;
      this.form.forget(this);
      (neighbour ?? this.form.input).focus();
      say(words("takenOff", { name: this.file.name }));
    }

    /* A button that hides takes the focus with it: hand it to the row. */
    keepFocus(change) {
      const had = this.row.contains(document.activeElement);
      change();
      if (had && !this.row.contains(document.activeElement?.closest("button:not([hidden])"))) this.row.focus();
    }
  }

  /* One form of the page, with its queue. */
  class Form {
    constructor(element) {
      this.element = element;
      this.input = element.querySelector("input[type=file]");
      this.queue = element.querySelector("[data-queue]");
      this.items = [];
      this.running = false;
      element.dataset.ready = "";
      const hint = document.createElement("p");
      hint.className = "upload-drop-hint";
      hint.textContent = words("drop");
      this.input.after(hint);
      this.input.addEventListener("change", () => {
        this.add(this.input.files);
        this.input.value = "";
      });
      element.addEventListener("submit", (event) => { event.preventDefault(); this.start(); });
      this.takeDrops();
    }

    add(files) {
      for (const file of files) {
        const item = new Item(this, file);
        this.items.push(item);
        this.queue.append(item.row);
        if (item.fits()) say(words("added", { name: file.name }));
      }
      this.queue.hidden = !this.items.length;
      this.complain("");
    }

    forget(item) {
      this.items = this.items.filter((other) => other !== item);
      item.row.remove();
      this.queue.hidden = !this.items.length;
    }

    start() {
      const waiting = this.items.filter((item) => item.state === "waiting");
      if (!waiting.length) {
        if (!this.running) { this.complain(words("choose")); this.input.focus(); }
        return;
      }
      for (const item of this.items.filter((one) => one.state === "stored")) this.forget(item);
      for (const item of waiting) item.show("queued");
      this.run();
    }

    /* One after the other: a phone's line is not faster for being shared. */
    async run() {
      if (this.running) return;
      this.running = true;
      this.element.setAttribute("aria-busy", "true");
      const sent = [];
      for (let item; (item = this.items.find((one) => one.state === "queued"));) {
        sent.push(item);
        await item.send();
      }
      this.running = false;
      this.element.removeAttribute("aria-busy");
      this.finished(sent);
    }

    finished(sent) {
      const stored = sent.filter((item) => item.state === "stored").length;
      const refused = sent.filter((item) => item.state === "refused");
      if (refused.length) {
        say(words("someRefused", { count: stored, refused: refused.length }));
        if (this.mayMoveFocus()) refused[0].row.focus();
      } else if (stored) {
        say(words("allStored", { count: stored }));
      }
    }

    /* Whoever went on to another field is not called back. */
    mayMoveFocus() {
      const active = document.activeElement;
      return !active || active === document.body || this.element.contains(active);
    }

    complain(text) {
      this.element.querySelector("[data-complaint]")?.remove();
      this.input.removeAttribute("aria-invalid");
      // What the server said of an earlier attempt is over as well.
      this.element.querySelector(".field-error")?.remove();
      this.element.querySelector(".field")?.classList.toggle("field--invalid", Boolean(text));
      const hint = `${this.input.id}-hint`;
      this.input.setAttribute("aria-describedby", hint);
      if (!text) return;
      const complaint = document.createElement("p");
      complaint.className = "upload-complaint";
      complaint.id = `${this.input.id}-complaint`;
      complaint.dataset.complaint = "";
      complaint.textContent = text;
      this.input.before(complaint);
      this.input.setAttribute("aria-invalid", "true");
      this.input.setAttribute("aria-describedby", `${hint} ${complaint.id}`);
    }

    takeDrops() {
      const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
      let depth = 0;
      const mark = (change) => {
        depth = Math.max(0, depth + change);
        this.element.classList.toggle("upload--over", depth > 0);
      };
      this.element.addEventListener("dragenter", (event) => { if (carriesFiles(event)) mark(1); });
      this.element.addEventListener("dragleave", (event) => { if (carriesFiles(event)) mark(-1); });
      this.element.addEventListener("drop", (event) => {
        if (!carriesFiles(event)) return;
        mark(-depth);
        this.add(event.dataTransfer.files);
      });
    }
  }

  const forms = [...document.querySelectorAll("form[data-upload]")].map((element) => new Form(element));

  // A file dropped beside a form would replace the page, and with it all that is on its way.
  for (const kind of ["dragover", "drop"]) {
    document.addEventListener(kind, (event) => {
      if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
    });
  }
  window.addEventListener("beforeunload", (event) => {
    if (forms.some((form) => form.running)) event.preventDefault();
  });
})();
