/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A viewer for tests, on libvncclient: looks at a VNC server, and does what it reads from standard input, a line each.
 *     vnc-client [-p PASSWORD] HOST PORT
 *     size                 answers "size WIDTH HEIGHT"
 *     pixel X Y            answers "pixel RRGGBB"
 *     updates              answers "updates N": since it was last asked
 *     settle MS            answers "settled" when nothing has changed for so long, or "restless" after 20 times that
 *     lit                  answers "lit N": pixels that are not black
 *     matches FILE         answers "matches yes" or "no": FILE is the picture, blue, green, red and anything a pixel
 *     shot FILE            writes the picture (PPM), answers "shot"
 *     key KEYSYM down|up   KEYSYM in hexadecimal
 *     type TEXT            presses what types each character; \n is Return
 *     press NAME           up, down, left, right, enter, esc, f1 to f12
 *     pointer X Y BUTTONS
 * It begins with "connected", or ends with status 1; "lost" is its end when the server goes away.
 */
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <rfb/rfbclient.h>

static const char *password;
static unsigned long updates;

static void say(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    fflush(stdout);
}

static void say_nothing(const char *format, ...)
{
    (void)format;
}

static char *get_password(rfbClient *client)
{
    (void)client;
    return strdup(password ? password : "");
}

static void got_update(rfbClient *client, int x, int y, int width, int height)
{
    (void)client, (void)x, (void)y, (void)width, (void)height;
    updates++;
}

static unsigned long long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (unsigned long long)now.tv_sec * 1000 + (unsigned long long)now.tv_nsec / 1000000;
}

/* Takes what the server says within `ms`. */
static void listen_for(rfbClient *client, int ms)
{
    int ready = WaitForMessage(client, (unsigned int)ms * 1000);

    if (ready < 0 || (ready > 0 && !HandleRFBServerMessage(client))) {
        say("lost");
        exit(0);
    }
}

static void settle(rfbClient *client, int ms)
{
    unsigned long long start = now_ms(), quiet = start;
    unsigned long before = updates;

    while (now_ms() - quiet < (unsigned int)ms && now_ms() - start < 20ull * (unsigned int)ms) {
        listen_for(client, 10);
        if (updates != before)
            quiet = now_ms();
        before = updates;
    }
    say(now_ms() - quiet < (unsigned int)ms ? "restless" : "settled");
}

static uint32_t pixel(const rfbClient *client, int x, int y)
{
    if (x < 0 || y < 0 || x >= client->width || y >= client->height)
        return 0;
    return ((const uint32_t *)client->frameBuffer)[y * client->width + x];
}

static void shoot(const rfbClient *client, const char *name)
{
    FILE *file = fopen(name, "wb");

    if (!file) {
        say("error");
        return;
    }
    fprintf(file, "P6\n%d %d\n255\n", client->width, client->height);
    for (int y = 0; y < client->height; y++)
        for (int x = 0; x < client->width; x++) {
            uint32_t value = pixel(client, x, y);

            putc((int)(value & 255), file);
            putc((int)(value >> 8 & 255), file);
            putc((int)(value >> 16 & 255), file);
        }
    fclose(file);
    say("shot");
}

static void count_lit(const rfbClient *client)
{
    unsigned long count = 0;

    for (int y = 0; y < client->height; y++)
        for (int x = 0; x < client->width; x++)
            count += (pixel(client, x, y) & 0xffffff) != 0;
    say("lit %lu", count);
}

/* Where the first difference is, too. */
static void compare(const rfbClient *client, const char *name)
{
    FILE *file = fopen(name, "rb");
    int x = 0, y = 0;

    for (; file && y < client->height; x = x + 1 == client->width ? y++, 0 : x + 1) {
        uint32_t value = pixel(client, x, y);
        uint8_t wanted[4];

        if (fread(wanted, 4, 1, file) != 1 || wanted[2] != (value & 255) || wanted[1] != (value >> 8 & 255) ||
            wanted[0] != (value >> 16 & 255))
            break;
    }
    if (file && y == client->height)
        say("matches yes");
    else
        say("matches no: %d,%d of %dx%d", x, y, client->width, client->height);
    if (file)
        fclose(file);
}

static void press(rfbClient *client, uint32_t keysym)
{
    SendKeyEvent(client, keysym, TRUE);
    SendKeyEvent(client, keysym, FALSE);
}

static void type(rfbClient *client, const char *text)
{
    for (; *text; text++) {
        bool newline = text[0] == '\\' && text[1] == 'n';

        press(client, newline ? XK_Return : (unsigned char)*text);
        text += newline;
    }
}

static void press_named(rfbClient *client, const char *name)
{
    static const struct {
        const char *name;
        uint32_t keysym;
    } names[] = {
        { "up", XK_Up }, { "down", XK_Down }, { "left", XK_Left }, { "right", XK_Right }, { "enter", XK_Return },
        { "esc", XK_Escape },
    };
    unsigned int number;

    for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i].name, name) == 0)
            press(client, names[i].keysym);
    if (sscanf(name, "f%u", &number) == 1 && number >= 1 && number <= 12)
        press(client, XK_F1 + number - 1);
}

static void obey(rfbClient *client, const char *line)
{
    char word[64] = "";
    int x, y, z;
    unsigned int keysym;

    if (strcmp(line, "size") == 0) {
        say("size %d %d", client->width, client->height);
    } else if (sscanf(line, "pixel %d %d", &x, &y) == 2) {
        uint32_t value = pixel(client, x, y);

        say("pixel %02x%02x%02x", value & 255, value >> 8 & 255, value >> 16 & 255);
    } else if (strcmp(line, "updates") == 0) {
        say("updates %lu", updates);
        updates = 0;
    } else if (sscanf(line, "settle %d", &x) == 1) {
        settle(client, x);
    } else if (strcmp(line, "lit") == 0) {
        count_lit(client);
    } else if (strncmp(line, "matches ", 8) == 0) {
        compare(client, line + 8);
    } else if (strncmp(line, "shot ", 5) == 0) {
        shoot(client, line + 5);
    } else if (sscanf(line, "key %x %7s", &keysym, word) == 2) {
        SendKeyEvent(client, keysym, strcmp(word, "down") == 0);
    } else if (strncmp(line, "type ", 5) == 0) {
        type(client, line + 5);
    } else if (sscanf(line, "press %63s", word) == 1) {
        press_named(client, word);
    } else if (sscanf(line, "pointer %d %d %d", &x, &y, &z) == 3) {
        SendPointerEvent(client, x, y, z);
    }
}

/* Standard input without stdio's buffer, which poll() would not know of. */
static bool next_line(char *line, size_t size)
{
    size_t length = 0;

    while (read(0, &line[length], 1) == 1) {
        if (line[length] == '\n') {
            line[length] = '\0';
            return true;
        }
        length += length < size - 1;
    }
    return false;
}

static rfbClient *connect_to(const char *host, const char *port)
{
    rfbClient *client = rfbGetClient(8, 3, 4);
    int no_arguments = 0;

    client->serverHost = strdup(host);
    client->serverPort = atoi(port);
    client->canHandleNewFBSize = TRUE;
    client->GetPassword = get_password;
    client->GotFrameBufferUpdate = got_update;
    client->appData.useRemoteCursor = FALSE;
    client->appData.enableJPEG = FALSE;     /* what is compared must be exact */
    return rfbInitClient(client, &no_arguments, NULL) ? client : NULL;
}

int main(int argc, char *argv[])
{
    rfbClient *client;
    char line[512];

    if (argc == 5 && strcmp(argv[1], "-p") == 0) {
        password = argv[2];
        argv += 2;
        argc -= 2;
    }
    if (argc != 3)
        return 2;
    signal(SIGPIPE, SIG_IGN);
    rfbClientLog = rfbClientErr = say_nothing;
    client = connect_to(argv[1], argv[2]);
    if (!client)
        return 1;
    say("connected");
    for (;;) {
        struct pollfd fds[] = { { .fd = 0, .events = POLLIN }, { .fd = client->sock, .events = POLLIN } };

        poll(fds, 2, client->buffered ? 0 : -1);
        if (fds[1].revents || client->buffered)
            listen_for(client, 0);
        if (!fds[0].revents)
            continue;
        if (!next_line(line, sizeof(line)))
            return 0;
        obey(client, line);
    }
}
