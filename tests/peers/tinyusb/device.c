/*
 * A device whose USB stack and DFU are TinyUSB's, as a program: here is only what a board brings, which is a flash, a way
 * to restart, and a controller for the bus.
 *
 *     device application|bootloader FLASH BLOCK_MS REFUSED_BLOCK ATTRIBUTES AT_ONCE
 *
 * FLASH is the file with the image; REFUSED_BLOCK the number of a block that it cannot program once, or -1; ATTRIBUTES those
 * of the functional descriptor of its bootloader; AT_ONCE is 1 for an application that makes room for the bootloader
 * before it answers.
 *
 * It reads requests from its input: `r`, a reset of the bus; `c`, eight bytes of a setup packet and what the host sends
 * behind it. It answers each: `d`, two bytes of length (little endian) and the data that the host gets; `s`, a stall;
 * `g`, it left the bus without an answer. A byte follows: 1 when it restarts as the other of the two, and ends.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tusb.h"
#include "device/dcd.h"

#define FLASH_BYTES (128 * 1024)
#define MANIFEST_MS 20
#define DETACH_MS 1000

#define ATTRIBUTE_WILL_DETACH 0x08

static bool is_bootloader;
static const char *flash_file;
static uint32_t block_ms;
static int refused_block;
static uint8_t attributes;
static bool restarts_at_once;

/* The board */

static uint8_t flash[FLASH_BYTES];
static uint32_t image_bytes;
/* What is written becomes the image when it is whole. */
static uint8_t staged[FLASH_BYTES];
static uint32_t staged_bytes;
static bool has_stored;
static bool restarts;

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void load_flash(void)
{
    FILE *file = fopen(flash_file, "rb");
    if (file == NULL)
        return;
    image_bytes = (uint32_t) fread(flash, 1, sizeof flash, file);
    fclose(file);
}

static void store_flash(void)
{
    memcpy(flash, staged, staged_bytes);
    image_bytes = staged_bytes;
    FILE *file = fopen(flash_file, "wb");
    if (file == NULL || fwrite(flash, 1, image_bytes, file) != image_bytes || fclose(file) != 0)
        fail("store the image");
}

static uint64_t now_ms(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t) time.tv_sec * 1000 + (uint64_t) time.tv_nsec / 1000000;
}

/* Work that the board is at, and when it is over. */
static bool works;
static uint64_t over_at;
static uint8_t ends_with;

static void work(uint32_t milliseconds, uint8_t status)
{
    works = true;
    over_at = now_ms() + milliseconds;
    ends_with = status;
}

static void end_work(void)
{
    if (works && now_ms() >= over_at) {
        works = false;
        tud_dfu_finish_flashing(ends_with);
    }
}

/* What the host gets */

static void answer(char kind, const uint8_t *data, uint16_t length)
{
    putchar(kind);
    if (kind == 'd') {
        putchar(length & 0xFF);
        putchar(length >> 8);
        if (fwrite(data, 1, length, stdout) != length)
            fail("answer");
    }
    putchar(restarts && !works);
    if (fflush(stdout) != 0)
        fail("answer");
    if (restarts && !works)
        exit(0);
}

/* DFU, as the stack asks for it */

uint32_t tud_dfu_get_timeout_cb(uint8_t alt, uint8_t state)
{
    (void) alt;
    return state == DFU_DNBUSY ? block_ms : MANIFEST_MS;
}

void tud_dfu_download_cb(uint8_t alt, uint16_t block, uint8_t const *data, uint16_t length)
{
    (void) alt;
    if (block == refused_block) {
        refused_block = -1;
        work(block_ms, DFU_STATUS_ERR_PROG);
        return;
    }
    uint32_t at = (uint32_t) block * CFG_TUD_DFU_XFER_BUFSIZE;
    if (at + length > FLASH_BYTES) {
        work(0, DFU_STATUS_ERR_ADDRESS);
        return;
    }
    if (block == 0)
        staged_bytes = 0;
    memcpy(staged + at, data, length);
    staged_bytes = at + length;
    work(block_ms, DFU_STATUS_OK);
}

void tud_dfu_manifest_cb(uint8_t alt)
{
    (void) alt;
    store_flash();
    has_stored = true;
    work(MANIFEST_MS, DFU_STATUS_OK);
    if (attributes & ATTRIBUTE_WILL_DETACH)
        restarts = true;
}

uint16_t tud_dfu_upload_cb(uint8_t alt, uint16_t block, uint8_t *data, uint16_t length)
{
    (void) alt;
    uint32_t at = (uint32_t) block * CFG_TUD_DFU_XFER_BUFSIZE;
    if (at >= image_bytes)
        return 0;
    uint32_t count = image_bytes - at < length ? image_bytes - at : length;
    memcpy(data, flash + at, count);
    return (uint16_t) count;
}

/* The stack calls it before the request was answered. */
void tud_dfu_runtime_reboot_to_dfu_cb(void)
{
    restarts = true;
    if (restarts_at_once)
        answer('g', NULL, 0);
}

/* Descriptors */

static const tusb_desc_device_t device_descriptor = {
    .bLength = sizeof(tusb_desc_device_t),
    .bDescriptorType = TUSB_DESC_DEVICE,
    .bcdUSB = 0x0200,
    .bMaxPacketSize0 = CFG_TUD_ENDPOINT0_SIZE,
    .idVendor = 0xCAFE,
    .bcdDevice = 0x0100,
    .iManufacturer = 1,
    .iProduct = 2,
    .iSerialNumber = 3,
    .bNumConfigurations = 1,
};

uint8_t const *tud_descriptor_device_cb(void)
{
    static tusb_desc_device_t own;
    own = device_descriptor;
    own.idProduct = is_bootloader ? 0x4021 : 0x4020;
    return (uint8_t const *) &own;
}

uint8_t const *tud_descriptor_configuration_cb(uint8_t index)
{
    (void) index;
    static const uint8_t application[] = {
        TUD_CONFIG_DESCRIPTOR(1, 1, 0, TUD_CONFIG_DESC_LEN + TUD_DFU_RT_DESC_LEN, 0, 100),
        TUD_DFU_RT_DESCRIPTOR(0, 4, 0x0D, DETACH_MS, CFG_TUD_DFU_XFER_BUFSIZE),
    };
    static uint8_t bootloader[] = {
        TUD_CONFIG_DESCRIPTOR(1, 1, 0, TUD_CONFIG_DESC_LEN + TUD_DFU_DESC_LEN(1), 0, 100),
        TUD_DFU_DESCRIPTOR(0, 1, 4, 0, DETACH_MS, CFG_TUD_DFU_XFER_BUFSIZE),
    };
    if (!is_bootloader)
        return application;
    /* The third byte of the functional descriptor, which is the last one. */
    bootloader[sizeof bootloader - 9 + 2] = attributes;
    return bootloader;
}

uint16_t const *tud_descriptor_string_cb(uint8_t index, uint16_t language)
{
    (void) language;
    static const char *const texts[] = {NULL, "Firmdrop tests", "TinyUSB reader", "T-0001", "Firmware"};
    static uint16_t answer[32];
    if (index == 0) {
        answer[0] = TUSB_DESC_STRING << 8 | 4;
        answer[1] = 0x0409;
        return answer;
    }
    if (index >= TU_ARRAY_SIZE(texts))
        return NULL;
    size_t length = strlen(texts[index]);
    answer[0] = (uint16_t) (TUSB_DESC_STRING << 8 | (2 * length + 2));
    for (size_t at = 0; at < length; at++)
        answer[1 + at] = (uint8_t) texts[index][at];
    return answer;
}

/* The controller: one transfer of the control endpoint at a time */

static struct {
    bool is_waiting;
    uint8_t endpoint;
    uint8_t *buffer;
    uint16_t length;
} transfer;
static bool is_stalled;

void dcd_init(uint8_t port) { (void) port; }
void dcd_int_enable(uint8_t port) { (void) port; }
void dcd_int_disable(uint8_t port) { (void) port; }
void dcd_remote_wakeup(uint8_t port) { (void) port; }
void dcd_edpt_close_all(uint8_t port) { (void) port; }

bool dcd_edpt_open(uint8_t port, tusb_desc_endpoint_t const *endpoint)
{
    (void) port;
    (void) endpoint;
    return true;
}

bool dcd_edpt_xfer(uint8_t port, uint8_t endpoint, uint8_t *buffer, uint16_t length)
{
    (void) port;
    transfer.is_waiting = true;
    transfer.endpoint = endpoint;
    transfer.buffer = buffer;
    transfer.length = length;
    return true;
}

void dcd_set_address(uint8_t port, uint8_t address)
{
    (void) address;
    dcd_edpt_xfer(port, 0x80, NULL, 0);
}

void dcd_edpt_stall(uint8_t port, uint8_t endpoint)
{
    (void) port;
    if ((endpoint & 0x7F) == 0)
        is_stalled = true;
}

void dcd_edpt_clear_stall(uint8_t port, uint8_t endpoint)
{
    (void) port;
    (void) endpoint;
}

/* The wire */

static void read_exactly(void *into, size_t length)
{
    if (fread(into, 1, length, stdin) != length)
        exit(0);
}

static void control(void)
{
    static uint8_t from_host[65536], to_host[65536];
    tusb_control_request_t setup;
    read_exactly(&setup, sizeof setup);
    bool is_read = setup.bmRequestType_bit.direction == TUSB_DIR_IN;
    if (!is_read)
        read_exactly(from_host, setup.wLength);
    transfer.is_waiting = false;
    is_stalled = false;
    dcd_event_setup_received(0, (uint8_t const *) &setup, false);
    tud_task();
    uint16_t at = 0;
    while (!is_stalled) {
        if (!transfer.is_waiting)
            return answer('s', NULL, 0);
        transfer.is_waiting = false;
        bool goes_in = transfer.endpoint & 0x80;
        bool is_status = goes_in != is_read || setup.wLength == 0;
        uint16_t count = transfer.length;
        if (!is_status && goes_in) {
            memcpy(to_host + at, transfer.buffer, count);
            at += count;
        } else if (!is_status) {
            uint16_t left = (uint16_t) (setup.wLength - at);
            count = left < count ? left : count;
            memcpy(transfer.buffer, from_host + at, count);
            at += count;
        }
        dcd_event_xfer_complete(0, transfer.endpoint, count, XFER_RESULT_SUCCESS, false);
        tud_task();
        if (is_status)
            return answer('d', to_host, is_read ? at : 0);
    }
    answer('s', NULL, 0);
}

static void reset_bus(void)
{
    /* A reset starts what was stored (DFU 1.1, 7). */
    if (is_bootloader && has_stored)
        restarts = true;
    dcd_event_bus_reset(0, TUSB_SPEED_FULL, false);
    tud_task();
}

int main(int count, char **arguments)
{
    if (count != 7) {
        fprintf(stderr, "usage: device application|bootloader FLASH BLOCK_MS REFUSED_BLOCK ATTRIBUTES AT_ONCE\n");
        return 2;
    }
    is_bootloader = strcmp(arguments[1], "bootloader") == 0;
    flash_file = arguments[2];
    block_ms = (uint32_t) atoi(arguments[3]);
    refused_block = atoi(arguments[4]);
    attributes = (uint8_t) atoi(arguments[5]);
    restarts_at_once = atoi(arguments[6]) != 0;
    load_flash();
    tud_init(0);
    reset_bus();
    for (;;) {
        int kind = getchar();
        end_work();
        switch (kind) {
        case 'c':
            control();
            break;
        case 'r':
            reset_bus();
            works = false;
            answer('d', NULL, 0);
            break;
        default:
            return 0;
        }
    }
}
