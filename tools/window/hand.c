/* hand plays the part of another program beside the window under test: it drops
 * files on it over XDND, or holds a picture on the clipboard. xdotool can do
 * neither.
 *
 *   cc -o hand hand.c -lX11
 *   hand drop X Y FILE...   drop files at a place of the screen
 *   hand hold FILE.png      own the clipboard with a picture until killed
 *
 * The protocol is freedesktop.org's "Drag-and-Drop Protocol for the X Window
 * System", version 5.
 */
#include <X11/Xatom.h>
#include <X11/Xlib.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static Display *display;
static Window self;

static Atom atom(const char *name) { return XInternAtom(display, name, False); }

/* aware finds the window under a place of the screen that takes drops. */
static Window aware(int x, int y) {
  Window root = DefaultRootWindow(display), at = root, child;
  for (int depth = 0; depth < 16; depth++) {
    int cx, cy;
    if (!XTranslateCoordinates(display, root, at, x, y, &cx, &cy, &child) || child == None) return None;
    at = child;
    Atom type;
    int format;
    unsigned long count, after;
    unsigned char *data = NULL;
    XGetWindowProperty(display, at, atom("XdndAware"), 0, 1, False, AnyPropertyType, &type, &format, &count, &after, &data);
    if (data) XFree(data);
    if (count > 0) return at;
  }
  return None;
}

/* tell sends one message of the protocol. */
static void tell(Window target, const char *what, long a, long b, long c, long d) {
  XEvent e = {0};
  e.xclient.type = ClientMessage;
  e.xclient.window = target;
  e.xclient.message_type = atom(what);
  e.xclient.format = 32;
  e.xclient.data.l[0] = (long)self;
  e.xclient.data.l[1] = a;
  e.xclient.data.l[2] = b;
  e.xclient.data.l[3] = c;
  e.xclient.data.l[4] = d;
  XSendEvent(display, target, False, NoEventMask, &e);
  XFlush(display);
}

/* answer gives another program what we hold, in the form it asks for. */
static void answer(XSelectionRequestEvent *r, Atom form, const unsigned char *data, int size) {
  XEvent e = {0};
  e.xselection.type = SelectionNotify;
  e.xselection.requestor = r->requestor;
  e.xselection.selection = r->selection;
  e.xselection.target = r->target;
  e.xselection.time = r->time;
  e.xselection.property = r->property;
  Atom forms[] = {atom("TARGETS"), form};
  if (r->target == forms[0])
    XChangeProperty(display, r->requestor, r->property, XA_ATOM, 32, PropModeReplace, (unsigned char *)forms, 2);
  else if (r->target == form)
    XChangeProperty(display, r->requestor, r->property, form, 8, PropModeReplace, data, size);
  else
    e.xselection.property = None;
  XSendEvent(display, r->requestor, False, NoEventMask, &e);
  XFlush(display);
}

/* await waits for a message of the protocol and answers requests meanwhile. */
static int await(const char *what, const unsigned char *data, int size) {
  time_t until = time(NULL) + 10;
  while (time(NULL) < until) {
    XEvent e;
    if (!XPending(display)) {
      struct timespec pause = {0, 10 * 1000 * 1000};
      nanosleep(&pause, NULL);
      continue;
    }
    XNextEvent(display, &e);
    if (e.type == SelectionRequest) answer(&e.xselectionrequest, atom("text/uri-list"), data, size);
    if (e.type == ClientMessage && e.xclient.message_type == atom(what)) return 1;
  }
  fprintf(stderr, "hand: the window did not send %s within 10 s\n", what);
  return 0;
}

static int drop(int x, int y, char **files, int count) {
  static char list[1 << 16];
  for (int i = 0; i < count; i++) {
    char path[PATH_MAX];
    if (!realpath(files[i], path)) {
      fprintf(stderr, "hand: %s is not there\n", files[i]);
      return 1;
    }
    snprintf(list + strlen(list), sizeof list - strlen(list), "file://%s\r\n", path);
  }
  Window target = aware(x, y);
  if (target == None) {
    fprintf(stderr, "hand: no window at %d,%d takes drops\n", x, y);
    return 1;
  }
  XSetSelectionOwner(display, atom("XdndSelection"), self, CurrentTime);
  const unsigned char *data = (unsigned char *)list;
  int size = (int)strlen(list);
  tell(target, "XdndEnter", 5L << 24, (long)atom("text/uri-list"), 0, 0);
  tell(target, "XdndPosition", 0, ((long)x << 16) | y, CurrentTime, (long)atom("XdndActionCopy"));
  if (!await("XdndStatus", data, size)) return 1;
  tell(target, "XdndDrop", 0, CurrentTime, 0, 0);
  return !await("XdndFinished", data, size);
}

static int hold(const char *path) {
  static unsigned char data[1 << 20];
  FILE *file = fopen(path, "rb");
  if (!file) {
    fprintf(stderr, "hand: %s cannot be read\n", path);
    return 1;
  }
  int size = (int)fread(data, 1, sizeof data, file);
  fclose(file);
  XSetSelectionOwner(display, atom("CLIPBOARD"), self, CurrentTime);
  for (;;) {
    XEvent e;
    XNextEvent(display, &e);
    if (e.type == SelectionRequest) answer(&e.xselectionrequest, atom("image/png"), data, size);
    if (e.type == SelectionClear) return 0;
  }
}

int main(int argc, char **argv) {
  display = XOpenDisplay(NULL);
  if (!display) {
    fprintf(stderr, "hand: there is no display\n");
    return 1;
  }
  self = XCreateSimpleWindow(display, DefaultRootWindow(display), 0, 0, 1, 1, 0, 0, 0);
  if (argc >= 5 && !strcmp(argv[1], "drop")) return drop(atoi(argv[2]), atoi(argv[3]), argv + 4, argc - 4);
  if (argc == 3 && !strcmp(argv[1], "hold")) return hold(argv[2]);
  fprintf(stderr, "hand drop X Y FILE... | hand hold FILE.png\n");
  return 2;
}
